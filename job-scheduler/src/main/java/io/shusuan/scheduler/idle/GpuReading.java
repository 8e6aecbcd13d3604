package io.shusuan.scheduler.idle;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a node's agent has measured of its GPUs. Times are as exact as the database keeps them, so that the same is known to be the same.
 *
 * @param watchedSince when the agent began to look
 * @param at when it was heard
 */
public record GpuReading(String node, Instant watchedSince, Instant at, List<Gpu> gpus) {

    public GpuReading {
        watchedSince = watchedSince.truncatedTo(ChronoUnit.MICROS);
        at = at.truncatedTo(ChronoUnit.MICROS);
        gpus = List.copyOf(gpus);
    }

    /**
     * A GPU.
     *
     * @param idleSince nothing has run on it since then; null, if something does or that is not known
     * @param pods the uids of the pods whose processes are on it
     * @param jobs the jobs that processes outside of pods say to be of
     */
    public record Gpu(@Nullable Instant idleSince, Set<String> pods, Set<String> jobs) {

        public Gpu {
            idleSince = idleSince == null ? null : idleSince.truncatedTo(ChronoUnit.MICROS);
            pods = Set.copyOf(pods);
            jobs = Set.copyOf(jobs);
        }
    }
}
