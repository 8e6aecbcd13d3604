package io.shusuan.scheduler;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where work runs.
 *
 * @param cluster local or kubernetes
 * @param home the folder that holds all state on this machine
 */
@ConfigurationProperties("shusuan")
public record ClusterSettings(
        @DefaultValue("local") Kind cluster,
        Path home,
        @DefaultValue Local local) {

    /** Which adapter of the cluster port is used. */
    public enum Kind {
        LOCAL,
        KUBERNETES
    }

    /**
     * The local cluster.
     *
     * @param cpus cores that all tasks together may ask for; as many as the machine has, if missing
     * @param memoryMb likewise its memory
     * @param maxTasks tasks at once
     * @param gpus GPUs; those the driver reports, if missing
     * @param path folders put before the tasks' PATH
     * @param firstPort tasks get ports from here
     * @param lastPort to here
     */
    public record Local(
            @Nullable Double cpus,
            @Nullable Long memoryMb,
            @DefaultValue("64") int maxTasks,
            @Nullable Integer gpus,
            @DefaultValue({}) List<Path> path,
            @DefaultValue("20000") int firstPort,
            @DefaultValue("29999") int lastPort) {}
}
