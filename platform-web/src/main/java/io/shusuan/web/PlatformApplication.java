package io.shusuan.web;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;

/** The control plane: one program of portal, API and scheduler. */
@SpringBootApplication(scanBasePackages = "io.shusuan")
@EntityScan("io.shusuan.db")
@EnableJpaRepositories("io.shusuan.db")
public class PlatformApplication {

    public static void main(String[] arguments) {
        SpringApplication.run(PlatformApplication.class, arguments);
    }
}
