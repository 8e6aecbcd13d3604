package io.shusuan.web.page;

import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.cloud.gateway.server.mvc.filter.FormFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Keeps the gateway's hands off the portal's forms. */
@Configuration(proxyBeanMethods = false)
class FormConfiguration {

    /**
     * The gateway turns the fields of a form back into a body, to pass it on; what handles such a request here finds no fields any
     * more. So it does that only for what it passes on.
     */
    @Bean
    FilterRegistrationBean<FormFilter> formsThatArePassedOn(FormFilter filter) {
        var registration = new FilterRegistrationBean<>(filter);
        registration.addUrlPatterns("/serve/*");
        registration.setOrder(filter.getOrder());
        return registration;
    }
}
