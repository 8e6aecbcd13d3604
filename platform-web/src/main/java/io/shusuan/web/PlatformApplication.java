package io.shusuan.web;

import io.shusuan.api.ApiConfiguration;
import io.shusuan.db.identity.User;
import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobSearch;
import io.shusuan.db.queue.Queue;
import io.shusuan.scheduler.SchedulerConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.annotation.Import;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;

/** The control plane: portal, API and scheduler in one program. */
@SpringBootApplication
@Import({ApiConfiguration.class, SchedulerConfiguration.class, JobSearch.class})
@EntityScan(basePackageClasses = {Job.class, User.class, Queue.class})
@EnableJpaRepositories(basePackageClasses = {Job.class, User.class, Queue.class})
public class PlatformApplication {

    public static void main(String[] arguments) {
        SpringApplication.run(PlatformApplication.class, arguments);
    }
}
