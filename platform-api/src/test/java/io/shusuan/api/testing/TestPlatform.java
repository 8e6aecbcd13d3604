package io.shusuan.api.testing;

import io.shusuan.api.ApiConfiguration;
import io.shusuan.db.identity.User;
import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobSearch;
import io.shusuan.db.queue.Queue;
import io.shusuan.db.usage.Accounts;
import io.shusuan.scheduler.SchedulerConfiguration;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.annotation.Import;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;

/** What the portal's program assembles, without the portal. */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import({ApiConfiguration.class, SchedulerConfiguration.class, JobSearch.class, Accounts.class})
@EntityScan(basePackageClasses = {Job.class, User.class, Queue.class})
@EnableJpaRepositories(basePackageClasses = {Job.class, User.class, Queue.class})
public class TestPlatform {}
