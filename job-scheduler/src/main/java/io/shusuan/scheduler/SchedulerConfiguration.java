package io.shusuan.scheduler;

import io.micrometer.core.instrument.MeterRegistry;
import io.shusuan.db.job.EvictionLog;
import io.shusuan.db.job.JobChanges;
import io.shusuan.db.job.NewJobs;
import io.shusuan.db.job.ObservedTasks;
import io.shusuan.db.job.Resources;
import io.shusuan.db.job.StartForecasts;
import io.shusuan.db.notice.Notices;
import io.shusuan.db.queue.Cycles;
import io.shusuan.db.queue.PriorityClasses;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.SettingsHistory;
import io.shusuan.db.usage.QueueUsers;
import io.shusuan.db.usage.Timelines;
import io.shusuan.scheduler.ClusterSettings.Artifacts;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.kubernetes.KubernetesCluster;
import io.shusuan.scheduler.cluster.kubernetes.KubernetesSettings;
import io.shusuan.scheduler.cluster.kubernetes.StorageSource;
import io.shusuan.scheduler.cluster.local.LocalCluster;
import io.shusuan.scheduler.cluster.local.LocalSettings;
import io.shusuan.scheduler.cluster.local.Machine;
import io.shusuan.scheduler.job.ClusterName;
import io.shusuan.scheduler.job.Levels;
import io.shusuan.scheduler.job.Levels.Level;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Assembles the scheduler: its clock, and the cluster that the settings name. */
@Configuration(proxyBeanMethods = false)
@ComponentScan
@Import({
    NewJobs.class,
    JobChanges.class,
    ObservedTasks.class,
    EvictionLog.class,
    StartForecasts.class,
    PriorityClasses.class,
    Cycles.class,
    Notices.class,
    SettingsHistory.class,
    Timelines.class,
    QueueUsers.class
})
@EnableConfigurationProperties(ClusterSettings.class)
public class SchedulerConfiguration {

    private static final Logger log = LoggerFactory.getLogger(SchedulerConfiguration.class);

    /** In microseconds, as the database keeps times: what is answered at once is then what is answered later. */
    @Bean
    Clock clock() {
        return Clock.tick(Clock.systemUTC(), ChronoUnit.MICROS.getDuration());
    }

    @Bean
    Cluster cluster(ClusterSettings settings, Clock clock, MeterRegistry meters) throws IOException {
        log.info("jobs run on the {} cluster", settings.kind());
        return switch (settings.kind()) {
            case LOCAL -> new LocalCluster(local(settings));
            case KUBERNETES -> connected(kubernetes(settings.kubernetes(), settings.topology()), clock, meters);
        };
    }

    @Bean
    ClusterName clusterName(ClusterSettings settings) {
        return new ClusterName(
                switch (settings.kind()) {
                    case LOCAL -> "local";
                    case KUBERNETES ->
                        "kubernetes, platform " + settings.kubernetes().platform();
                });
    }

    @Bean
    Levels levels(ClusterSettings settings) {
        return new Levels(settings.topology());
    }

    /** What is wrong with a kubeconfig is told in one sentence, and one that is not there is not passed over. */
    private static Cluster connected(KubernetesSettings settings, Clock clock, MeterRegistry meters) {
        var set = settings.kubeconfig();
        var name = set == null ? "KUBECONFIG" : "shusuan.kubernetes.kubeconfig";
        var files = set == null ? Objects.requireNonNullElse(System.getenv(name), "") : set.toString();
        for (var file : files.split(File.pathSeparator, -1)) {
            if (!file.isEmpty() && !Files.isReadable(Path.of(file))) {
                throw new InvalidConfigurationPropertyValueException(name, file, "there is no such file to read");
            }
        }
        try {
            return new KubernetesCluster(settings, clock, meters);
        } catch (RuntimeException unreadable) {
            throw new InvalidConfigurationPropertyValueException(
                    name, files, "no cluster can be made of it: " + unreadable.getMessage());
        }
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

    private static KubernetesSettings kubernetes(ClusterSettings.Kubernetes settings, List<Level> topology) {
        return new KubernetesSettings(
                settings.kubeconfig(),
                settings.context(),
                settings.platform(),
                settings.namespace(),
                settings.namespacePrefix(),
                settings.baselineQueues().stream().map(QueueName::new).collect(Collectors.toSet()),
                settings.runAsUser(),
                settings.dnsPolicy(),
                settings.artifacts() == null ? null : storage(settings.artifacts()),
                topology.stream().collect(Collectors.toMap(Level::name, Level::label, (first, _) -> first)),
                settings.requestTimeout(),
                settings.staleAfter());
    }

    private static @Nullable StorageSource storage(Artifacts artifacts) {
        if (artifacts.claim() != null) {
            return new StorageSource.Claim(artifacts.claim());
        }
        if (artifacts.nfsServer() != null) {
            return new StorageSource.Nfs(
                    artifacts.nfsServer(),
                    Objects.requireNonNull(
                            artifacts.nfsPath(), "shusuan.kubernetes.artifacts.nfs-path is missing beside nfs-server"));
        }
        return artifacts.hostPath() == null ? null : new StorageSource.HostPath(artifacts.hostPath());
    }
}
