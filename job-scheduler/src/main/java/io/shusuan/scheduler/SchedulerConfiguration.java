package io.shusuan.scheduler;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.local.LocalCluster;
import io.shusuan.scheduler.cluster.local.LocalSettings;
import io.shusuan.scheduler.cluster.local.Machine;
import java.io.IOException;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;

/** Assembles the scheduler: its clock, and the cluster that the settings name. */
@Configuration(proxyBeanMethods = false)
@ComponentScan
@EnableConfigurationProperties(ClusterSettings.class)
public class SchedulerConfiguration {

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    Cluster cluster(ClusterSettings settings) throws IOException {
        return switch (settings.cluster()) {
            case LOCAL -> new LocalCluster(local(settings));
            case KUBERNETES -> throw new IllegalStateException("to come");
        };
    }

    private static LocalSettings local(ClusterSettings settings) {
        var local = settings.local();
        var machine = Machine.read();
        return new LocalSettings(
                settings.home(),
                new Resources(
                        local.cpus() == null ? machine.milliCpus() : Math.round(local.cpus() * 1000),
                        local.memoryMb() == null ? machine.memoryMiB() : local.memoryMb(),
                        local.gpus() == null ? machine.gpus() : local.gpus()),
                local.maxTasks(),
                local.path(),
                local.firstPort(),
                local.lastPort(),
                LocalSettings.DEFAULT_KEPT_OUTPUT);
    }
}
