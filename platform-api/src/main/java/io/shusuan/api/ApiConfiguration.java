package io.shusuan.api;

import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.PropertySource;

/** Assembles the API. */
@Configuration(proxyBeanMethods = false)
@ComponentScan
@PropertySource("classpath:io/shusuan/api/api.properties")
public class ApiConfiguration {}
