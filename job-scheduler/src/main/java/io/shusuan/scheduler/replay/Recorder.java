package io.shusuan.scheduler.replay;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.Running;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.queue.placement.Site;
import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.replay.Entry.Nodes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes of cycles what is stored of them: of most only what differs from the one before. Once those differences weigh as much as all of
 * it, all of it is written again, so that reading begins near to whatever is looked for. For one thread.
 */
public final class Recorder {

    private final EntryCodec codec = new EntryCodec();
    private final Function<Collection<JobId>, Map<JobId, String>> names;
    private @Nullable Written before;
    private long wholeBytes;
    private long sinceBytes;

    /** @param names the names of jobs; those that have none any more may be missing */
    public Recorder(Function<Collection<JobId>, Map<JobId, String>> names) {
        this.names = names;
    }

    /** An entry as it is stored. */
    public record Stored(boolean whole, byte[] content) {}

    /** What was stored last, to find what differs. */
    private record Written(
            Site site,
            Cohort cohorts,
            Map<QueueName, Limits> recent,
            Map<JobId, Running> running,
            Map<JobId, Waiting> waiting) {

        static Written of(Snapshot now) {
            return new Written(
                    now.site(),
                    now.cohorts(),
                    now.recent(),
                    now.running().stream().collect(byId(Running::job)),
                    now.waiting().stream().collect(byId(Waiting::job)));
        }

        private static <T> Collector<T, ?, Map<JobId, T>> byId(Function<T, JobId> id) {
            return Collectors.toMap(id, Function.identity(), (one, other) -> one, LinkedHashMap::new);
        }

        Set<JobId> jobs() {
            var jobs = new LinkedHashSet<>(running.keySet());
            jobs.addAll(waiting.keySet());
            return jobs;
        }
    }

    /** Begins anew: the next entry stands by itself, whatever became of the last one. */
    public void begin() {
        before = null;
    }

    public Stored record(Snapshot snapshot, List<Decision> decisions) {
        var now = Written.of(snapshot);
        var decided = Decided.of(decisions);
        var whole = before == null || sinceBytes > wholeBytes;
        var content = codec.encode(entry(snapshot, now, whole ? null : before, decided));
        before = now;
        if (whole) {
            wholeBytes = content.length;
            sinceBytes = 0;
        } else {
            sinceBytes += content.length;
        }
        return new Stored(whole, content);
    }

    private Entry entry(Snapshot snapshot, Written now, @Nullable Written former, Decided decided) {
        if (former == null) {
            return new Entry(
                    true,
                    snapshot.time(),
                    nodes(now.site),
                    now.cohorts,
                    now.recent,
                    snapshot.rules(),
                    snapshot.running(),
                    snapshot.waiting(),
                    List.of(),
                    names.apply(now.jobs()),
                    decided.acts(),
                    decided.waits());
        }
        var known = former.jobs();
        var jobs = now.jobs();
        var gone = known.stream().filter(job -> !jobs.contains(job)).toList();
        var come = jobs.stream().filter(job -> !known.contains(job)).toList();
        return new Entry(
                false,
                snapshot.time(),
                now.site == former.site ? null : nodes(now.site),
                now.cohorts.equals(former.cohorts) ? null : now.cohorts,
                now.recent.equals(former.recent) ? null : now.recent,
                snapshot.rules(),
                differing(now.running, former.running),
                differing(now.waiting, former.waiting),
                gone,
                come.isEmpty() ? Map.of() : names.apply(come),
                decided.acts(),
                decided.waits());
    }

    private static Nodes nodes(Site site) {
        return new Nodes(
                site.levels(),
                IntStream.range(0, site.size()).mapToObj(site::node).toList());
    }

    private static <T> List<T> differing(Map<JobId, T> now, Map<JobId, T> before) {
        var differing = new ArrayList<T>();
        now.forEach((job, each) -> {
            if (!Objects.equals(each, before.get(job))) {
                differing.add(each);
            }
        });
        return differing;
    }
}
