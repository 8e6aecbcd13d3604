package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Jobs;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.FairPolicy;
import io.shusuan.scheduler.queue.Shortage;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.Victim;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.sharing.CohortSettings;
import io.shusuan.scheduler.sharing.Flavour;
import io.shusuan.scheduler.sharing.QueueSettings;
import io.shusuan.scheduler.sharing.SharingControl;
import io.shusuan.scheduler.sharing.SharingControl.Trial;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Says before the settings of a queue, cohort or flavour are changed whom that would concern: the queue decides with both, and the difference is told. */
@Service
public class WhatIf {

    /** So many jobs are named; of the others it is told how many they are. */
    private static final int MOST_NAMED = 200;

    private final FairPolicy policy = new FairPolicy();
    private final SharingControl sharing;
    private final LiveQueue queue;
    private final Jobs jobs;

    WhatIf(SharingControl sharing, LiveQueue queue, Jobs jobs) {
        this.sharing = sharing;
        this.queue = queue;
        this.jobs = jobs;
    }

    /** What the next decision makes of a job; first what matters most to its owner. */
    public enum Fate {
        /** It runs, and is evicted. */
        LEAVES,
        /** It waits, and others are evicted for it. */
        EVICTS,
        /** It waits, and is admitted. */
        RUNS,
        /** It waits for what it can never get. */
        NEVER,
        /** It waits on. */
        WAITS,
        /** It runs on. */
        STAYS
    }

    /**
     * A job that would fare otherwise.
     *
     * @param shortage why it would wait then, if it would
     */
    public record Effect(
            JobId job,
            String name,
            QueueName queue,
            Fate before,
            Fate after,
            @Nullable Shortage shortage) {}

    /**
     * What a change would do at once; what follows from that later is not told.
     *
     * @param stranded which queues would be left with less than their jobs use
     * @param more how many are concerned beside those that are named
     * @param moved the nodes that would be of another flavour, as far as they are named
     */
    public record Outcome(List<String> stranded, List<Effect> effects, int more, List<Moved> moved) {

        public Outcome {
            stranded = List.copyOf(stranded);
            effects = List.copyOf(effects);
            moved = List.copyOf(moved);
        }
    }

    /** A node that would be of another flavour; null for none, so that it takes no work. */
    public record Moved(
            String node,
            @Nullable FlavourName before,
            @Nullable FlavourName after) {}

    private record Fared(Fate fate, @Nullable Shortage shortage) {

        private static final Fared STAYS = new Fared(Fate.STAYS, null);
        private static final Fared LEAVES = new Fared(Fate.LEAVES, null);
    }

    public Outcome changed(QueueSettings settings) throws ClusterUnavailableException {
        return outcome(sharing.trial(settings));
    }

    public Outcome changed(CohortSettings settings) throws ClusterUnavailableException {
        return outcome(sharing.trial(settings));
    }

    public Outcome changed(Flavour flavour) throws ClusterUnavailableException {
        return outcome(sharing.trial(flavour));
    }

    private Outcome outcome(Trial trial) throws ClusterUnavailableException {
        var present = queue.present();
        var before = fates(queue.shared(present, trial.now()));
        var after = fates(queue.shared(present, trial.then()));
        var concerned = Stream.concat(before.keySet().stream(), after.keySet().stream())
                .distinct()
                .filter(job -> fate(before, job) != fate(after, job))
                .sorted(Comparator.comparing((JobId job) -> fate(after, job)).thenComparing(JobId::value))
                .toList();
        var named = concerned.stream().limit(MOST_NAMED).toList();
        return new Outcome(
                trial.stranded(),
                effects(named, before, after),
                concerned.size() - named.size(),
                moved(present, trial));
    }

    private static List<Moved> moved(LiveQueue.Present present, Trial trial) {
        return present.capacity().nodes().stream()
                .map(node -> new Moved(
                        node.name(),
                        trial.now().flavourOf(node.labels()).orElse(null),
                        trial.then().flavourOf(node.labels()).orElse(null)))
                .filter(node -> !Objects.equals(node.before(), node.after()))
                .sorted(Comparator.comparing(Moved::node))
                .limit(MOST_NAMED)
                .toList();
    }

    private static Fate fate(Map<JobId, Fared> fates, JobId job) {
        return fates.getOrDefault(job, Fared.STAYS).fate();
    }

    private Map<JobId, Fared> fates(Snapshot snapshot) {
        var fates = new HashMap<JobId, Fared>();
        for (var decision : policy.decide(snapshot)) {
            switch (decision) {
                case Decision.Admit admit -> fates.put(admit.job(), new Fared(Fate.RUNS, null));
                case Decision.Evict evict -> fates.put(evict.job(), Fared.LEAVES);
                case Decision.Preempt preempt -> {
                    fates.put(preempt.job(), new Fared(Fate.EVICTS, null));
                    preempt.victims().stream().map(Victim::job).forEach(victim -> fates.put(victim, Fared.LEAVES));
                }
                case Decision.Grow _ -> {} // it runs, before and after
                case Decision.Wait wait ->
                    fates.put(
                            wait.job(),
                            new Fared(wait.shortage().reason().isForEver() ? Fate.NEVER : Fate.WAITS, wait.shortage()));
            }
        }
        return fates;
    }

    private List<Effect> effects(List<JobId> named, Map<JobId, Fared> before, Map<JobId, Fared> after) {
        var found = jobs.findAll(named);
        return named.stream()
                .flatMap(id -> Stream.ofNullable(found.get(id)))
                .map(job -> {
                    var then = after.getOrDefault(job.id(), Fared.STAYS);
                    return new Effect(
                            job.id(),
                            job.name().value(),
                            job.queue(),
                            fate(before, job.id()),
                            then.fate(),
                            then.shortage());
                })
                .toList();
    }
}
