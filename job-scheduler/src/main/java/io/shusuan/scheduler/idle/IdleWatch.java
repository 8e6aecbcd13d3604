package io.shusuan.scheduler.idle;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.idle.IdleSpans.Kept;
import io.shusuan.scheduler.idle.IdleSpans.Place;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Notes down what agents have measured of the GPUs of jobs whose queues want to know. */
@Component
class IdleWatch {

    private final GpuReadings readings;
    private final Cluster cluster;
    private final IdleSpans spans;
    private final TransactionTemplate transaction;

    IdleWatch(GpuReadings readings, Cluster cluster, IdleSpans spans, TransactionTemplate transaction) {
        this.readings = readings;
        this.cluster = cluster;
        this.spans = spans;
        this.transaction = transaction;
    }

    private record Seen(Place place, int run, GpuReading reading, NodeIdleness idleness, Holder holder) {}

    void look(Collection<String> watchedQueues) throws ClusterUnavailableException {
        var seen = seen(watchedQueues);
        if (!seen.isEmpty()) {
            transaction.executeWithoutResult(status -> note(seen));
        }
    }

    /** What would be known of the jobs of a queue now if it had wanted to know: noted down as ever, read, and taken back. */
    List<Idleness> onPaper(String queue, Instant fresh) throws ClusterUnavailableException {
        var seen = seen(Set.of(queue));
        return Objects.requireNonNull(transaction.execute(status -> {
            status.setRollbackOnly();
            note(seen);
            return spans.of(Set.of(queue), fresh).stream()
                    .filter(known -> known.queue().equals(queue))
                    .toList();
        }));
    }

    private List<Seen> seen(Collection<String> watchedQueues) throws ClusterUnavailableException {
        var holders = spans.holders(watchedQueues);
        var watched = holders.isEmpty() ? List.<GpuReading>of() : readings.of(holders.keySet());
        if (watched.isEmpty()) {
            return List.of();
        }
        var gpus = gpus(cluster.capacity());
        var pods = spans.jobsOf(watched.stream()
                .flatMap(reading -> reading.gpus().stream())
                .flatMap(gpu -> gpu.pods().stream())
                .collect(Collectors.toSet()));
        var seen = new ArrayList<Seen>();
        for (var reading : watched) {
            var there = holders.getOrDefault(reading.node(), List.of());
            // Of a node that the cluster does not know it cannot be said whether all of its GPUs are told of.
            var idleness = new NodeIdleness(reading, gpus.getOrDefault(reading.node(), Integer.MAX_VALUE), there, pods);
            there.stream()
                    .filter(holder -> holder.watched() && holder.runningSince() != null)
                    .map(holder ->
                            new Seen(new Place(holder.job(), reading.node()), holder.run(), reading, idleness, holder))
                    .forEach(seen::add);
        }
        return seen;
    }

    private static Map<String, Integer> gpus(Capacity capacity) {
        var gpus = new HashMap<String, Integer>();
        Stream.concat(capacity.nodes().stream(), capacity.away().stream().map(Capacity.Away::node))
                .forEach(node -> gpus.put(node.name(), node.allocatable().gpus()));
        return gpus;
    }

    private void note(List<Seen> seen) {
        List<JobId> jobs =
                seen.stream().map(each -> each.place().job()).distinct().toList();
        var known = spans.lock(jobs);
        spans.keep(
                seen.stream().map(each -> next(each, known.get(each.place()))).toList());
    }

    private static Kept next(Seen seen, @Nullable Kept before) {
        var told = seen.idleness().since(seen.holder()).orElse(null);
        var at = seen.reading().at();
        var span = before == null || before.run() != seen.run()
                ? IdleSpan.first(told, at)
                : before.span().next(told, seen.reading().watchedSince(), at);
        return new Kept(seen.place(), seen.run(), span);
    }
}
