package io.shusuan.scheduler.idle;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.idle.GpuReading.Gpu;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Since when the GPUs of jobs on a node do nothing, as far as its agent can tell. */
final class NodeIdleness {

    private final GpuReading reading;
    private final boolean complete;
    private final List<Set<JobId>> owners;

    /**
     * @param gpus how many the node has
     * @param pods which job a pod is of
     */
    NodeIdleness(GpuReading reading, int gpus, List<Holder> holders, Map<String, JobId> pods) {
        this.reading = reading;
        this.complete = reading.gpus().size() >= gpus;
        Map<String, JobId> there =
                holders.stream().map(Holder::job).distinct().collect(Collectors.toMap(JobId::toString, job -> job));
        this.owners =
                reading.gpus().stream().map(gpu -> owners(gpu, there, pods)).toList();
    }

    /** A process can write anything in its environment, so what it says counts outside of pods only, and for jobs on this node. */
    private static Set<JobId> owners(Gpu gpu, Map<String, JobId> there, Map<String, JobId> pods) {
        return Stream.concat(
                        gpu.pods().stream().map(pods::get).filter(there::containsValue),
                        gpu.jobs().stream().map(there::get))
                .filter(Objects::nonNull)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Nothing, if one of its GPUs works or may work. */
    Optional<Instant> since(Holder holder) {
        var running = holder.runningSince();
        if (!complete || running == null) {
            return Optional.empty();
        }
        var gpus = reading.gpus();
        var own = owners.stream().filter(each -> each.contains(holder.job())).count();
        var latest = running;
        var possible = 0;
        for (var i = 0; i < gpus.size(); i++) {
            var owner = owners.get(i);
            if (owner.contains(holder.job()) || (own < holder.gpus() && owner.isEmpty())) {
                var since = gpus.get(i).idleSince();
                if (since == null) {
                    return Optional.empty();
                }
                latest = since.isAfter(latest) ? since : latest;
                possible++;
            }
        }
        return possible < holder.gpus()
                ? Optional.empty()
                : Optional.of(latest.isAfter(reading.at()) ? reading.at() : latest);
    }
}
