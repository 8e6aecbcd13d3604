package io.shusuan.web;

import io.shusuan.api.ApiConfiguration;
import io.shusuan.db.identity.User;
import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobSearch;
import io.shusuan.db.queue.Queue;
import io.shusuan.db.usage.Accounts;
import io.shusuan.scheduler.SchedulerConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.annotation.Import;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;

/** The control plane: portal, API and scheduler in one program. */
@SpringBootApplication
@Import({ApiConfiguration.class, SchedulerConfiguration.class, JobSearch.class, Accounts.class})
@EntityScan(basePackageClasses = {Job.class, User.class, Queue.class})
@EnableJpaRepositories(basePackageClasses = {Job.class, User.class, Queue.class})
public class PlatformApplication {

    /**
     * A virtual thread that waits while the JVM loads a class for it keeps its carrier thread. On two cores two of them would keep
     * both, and wait for ever for a third that holds the lock of the jar and has no carrier to go on: so there are more.
     */
    private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";

    public static void main(String[] arguments) {
        if (System.getProperty(CARRIERS) == null) {
            System.setProperty(
                    CARRIERS, Integer.toString(Math.max(64, Runtime.getRuntime().availableProcessors())));
        }
        SpringApplication.run(PlatformApplication.class, arguments);
    }
}
