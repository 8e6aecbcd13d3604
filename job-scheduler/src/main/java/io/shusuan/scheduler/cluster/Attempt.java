package io.shusuan.scheduler.cluster;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One try to run one task: a process or a pod.
 *
 * @param uid the cluster's name for it, unique within the job for ever
 * @param run of the job, as its {@link Workload} said
 * @param number from 1, counts the tries of this task over all runs
 * @param ready accepts requests (inference) or runs (training)
 * @param endpoints where its ports are reached by the platform, in the order of the role's ports; empty until known
 */
public record Attempt(
        String uid,
        String role,
        int index,
        int run,
        int number,
        Phase phase,
        boolean ready,
        @Nullable String node,
        List<Endpoint> endpoints,
        @Nullable Integer exitCode,
        @Nullable String reason,
        @Nullable String message,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt) {

    public Attempt {
        endpoints = List.copyOf(endpoints);
    }

    /** The same attempt with why it is as it is. */
    public Attempt because(@Nullable String why, String sentence) {
        return new Attempt(
                uid,
                role,
                index,
                run,
                number,
                phase,
                ready,
                node,
                endpoints,
                exitCode,
                why,
                sentence,
                startedAt,
                finishedAt);
    }

    /** How far the attempt has come. */
    public enum Phase {
        PENDING,
        RUNNING,
        SUCCEEDED,
        FAILED;

        public boolean isFinal() {
            return this == SUCCEEDED || this == FAILED;
        }
    }

    /** Where one port of an attempt is reached. */
    public record Endpoint(String name, String host, int port) {}
}
