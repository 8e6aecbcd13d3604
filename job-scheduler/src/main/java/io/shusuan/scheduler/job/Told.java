package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.queue.Decision.Wait;
import io.shusuan.scheduler.queue.Shortage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the waiting jobs have been told, so that rows are written only for news. All of it may be forgotten at any time: then
 * it is said once more. For one thread.
 */
final class Told {

    private Map<JobId, Shortage> last = new HashMap<>();
    private final Set<JobId> disturbed = new HashSet<>();

    /** Of these, who does not know yet why it waits. Whoever is not among them waits no more, and is forgotten. */
    List<Wait> newReasons(Collection<Wait> waits) {
        var still = HashMap.<JobId, Shortage>newHashMap(waits.size());
        var news = new ArrayList<Wait>();
        for (var wait : waits) {
            var known = last.get(wait.job());
            if (known != null) {
                still.put(wait.job(), known);
            }
            if (known == null || known.reason() != wait.shortage().reason()) {
                news.add(wait);
            }
        }
        last = still;
        return news;
    }

    /** Of these, who knows the reason but not the present numbers: together who waits for the same. */
    Map<Shortage, List<JobId>> newNumbers(Collection<Wait> waits) {
        var news = new HashMap<Shortage, List<JobId>>();
        for (var wait : waits) {
            var known = last.get(wait.job());
            if (known != null && known.reason() == wait.shortage().reason() && !known.equals(wait.shortage())) {
                news.computeIfAbsent(wait.shortage(), shortage -> new ArrayList<>())
                        .add(wait.job());
            }
        }
        return news;
    }

    void remember(JobId job, Shortage shortage) {
        last.put(job, shortage);
    }

    /** Whether the job must yet be told that the cluster is away. */
    boolean isDisturbance(JobId job) {
        return disturbed.add(job);
    }

    /** Whoever was told that the cluster is away has to hear that this is over. */
    void clusterIsThere() {
        if (!disturbed.isEmpty()) {
            forget();
        }
    }

    void forget() {
        last.clear();
        disturbed.clear();
    }
}
