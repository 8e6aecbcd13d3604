package io.shusuan.scheduler.job;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.Delegate;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.forecast.Arrivals;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.Decision.Admit;
import io.shusuan.scheduler.queue.Decision.Evict;
import io.shusuan.scheduler.queue.Decision.Grow;
import io.shusuan.scheduler.queue.Decision.Preempt;
import io.shusuan.scheduler.queue.Decision.Wait;
import io.shusuan.scheduler.queue.FairPolicy;
import io.shusuan.scheduler.queue.Hold;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Promise;
import io.shusuan.scheduler.queue.Rules;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.sharing.QueueSettings;
import io.shusuan.scheduler.sharing.Sharing;
import io.shusuan.scheduler.sharing.SharingStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** One admission cycle: read a snapshot, decide, apply. For one thread. */
@Component
class Admission {

    private static final Logger log = LoggerFactory.getLogger(Admission.class);

    /** To how many jobs one cycle says why they wait, so that admissions need not wait for that. */
    private static final int MOST_TOLD = 500;

    /** How often the numbers are said anew to those whose reason stays the same, if that is quick. */
    private static final Duration NUMBERS_AGE = Duration.ofSeconds(5);

    /** To say them to very many takes long: so many times as long they are left alone then. */
    private static final int NUMBERS_REST = 20;

    private static final Duration SWEEP = Duration.ofMinutes(1);

    /** What administrators have changed on another replica is noticed so late. */
    private static final Duration SHARES_AGE = Duration.ofSeconds(1);

    private final FairPolicy policy = new FairPolicy();
    private final Arrivals arrivals = new Arrivals();
    private final Sites sites;
    private final Told told = new Told();
    private final Cluster cluster;
    private final ActiveJobs jobs;
    private final SharingStore sharing;
    private final Rulings rulings;
    private final Evictions evictions;
    private final Spending spending;
    private final FormerUse formerUse;
    private final CycleKeeper keeper;
    private final Clock clock;
    private final Timer timer;
    private Map<JobId, Promise> promises = Map.of();
    private Set<QueueName> known = Set.of();
    private Map<QueueName, QueueState> closed = Map.of();
    private Instant numbersDue = Instant.EPOCH;
    private Instant swept;
    private Sharing shares = new Sharing(List.of(), List.of(), List.of());
    private Instant sharesRead = Instant.EPOCH;
    private volatile boolean sharesChanged = true;
    private volatile boolean tellAnew;
    private volatile @Nullable Snapshot seen;

    Admission(
            Cluster cluster,
            ActiveJobs jobs,
            SharingStore sharing,
            Rulings rulings,
            Evictions evictions,
            Spending spending,
            FormerUse formerUse,
            CycleKeeper keeper,
            Levels levels,
            Clock clock,
            MeterRegistry meters) {
        this.cluster = cluster;
        this.jobs = jobs;
        this.sharing = sharing;
        this.rulings = rulings;
        this.evictions = evictions;
        this.spending = spending;
        this.formerUse = formerUse;
        this.keeper = keeper;
        this.sites = new Sites(levels);
        this.clock = clock;
        this.swept = clock.instant(); // the first reading finds none that is gone
        this.timer = Timer.builder("shusuan.queue.cycle")
                .description("time of one decision about all waiting jobs, without reading and writing")
                .publishPercentileHistogram()
                .register(meters);
    }

    /** Forgets what the waiting jobs were told, so that the next cycles tell each of them. */
    void tellAnew() {
        tellAnew = true;
        sharesChanged = true;
    }

    /** Reads with the next cycle how the nodes are shared. */
    void shareAnew() {
        sharesChanged = true;
    }

    /** What the last cycle decided about; nothing, if nobody waited. For any thread. */
    @Nullable
    Snapshot lastSeen() {
        return seen;
    }

    /** Who has come of late. For any thread. */
    Arrivals arrivals() {
        return arrivals;
    }

    /** Begins to schedule, or begins again: what the waiting jobs were told and promised meanwhile is not known. */
    void begin() {
        told.forget();
        promises = Map.of();
        seen = null;
        sharesChanged = true;
        keeper.begin();
    }

    /** Begins to read the jobs, on another thread: to be called once, before the first cycle. */
    void readAhead() {
        jobs.readAhead();
    }

    /** Forgets everything, and begins with what the database says. */
    void forget() {
        jobs.forget();
        begin();
    }

    /** Keeps up with what another replica decides, so that it can be followed at once: to read all jobs takes seconds. */
    void standBy() {
        jobs.refresh(ending -> {});
        var now = clock.instant();
        sweepIfDue(now);
        arrivals.note(jobs.waiting(Set.of(), now), new Moment(now.toEpochMilli()));
    }

    private void sweepIfDue(Instant now) {
        if (now.isAfter(swept.plus(SWEEP))) {
            jobs.sweep();
            swept = now;
        }
    }

    /**
     * Returns whether there is more to do right away.
     *
     * @param ending is told of each job that has to end
     */
    boolean cycle(Consumer<JobId> ending) {
        if (tellAnew) {
            tellAnew = false;
            told.forget();
        }
        var now = clock.instant();
        jobs.refresh(ending);
        sweepIfDue(now);
        readShares(now);
        if (!shares.closed().equals(closed)) {
            closed = shares.closed();
            told.forget(); // whoever closed or resumed a queue, here or elsewhere, has told its jobs something else
        }
        var delegated = shares.delegated();
        handOver(delegated, now);
        takeBack(delegated);
        var others = new HashSet<>(closed.keySet());
        others.addAll(delegated.keySet());
        var waiting = spending.hold(
                TakenPriorities.hold(jobs.waiting(others, now), jobs.priorityClasses(), shares),
                jobs.pledged(),
                shares,
                now);
        leaveDrainedNodes();
        if (waiting.isEmpty() && !somebodyHasToGo() && !somebodyMayGrow(now)) {
            seen = null;
            return false;
        }
        Capacity capacity;
        try {
            capacity = cluster.capacity();
        } catch (ClusterUnavailableException away) {
            log.debug("no admission while the cluster is away: {}", away.getMessage());
            disturb(waiting, away.getMessage());
            return false;
        }
        told.clusterIsThere();
        return apply(decide(waiting, capacity, now), now);
    }

    /** What waits in a queue of another scheduler's goes there at once: that decides when it runs. */
    private void handOver(Map<QueueName, Delegate> delegated, Instant now) {
        if (delegated.isEmpty()) {
            return;
        }
        rulings.delegate(
                jobs.waiting(closed.keySet(), now).stream()
                        .filter(job -> delegated.containsKey(job.queue()))
                        .toList(),
                shares);
    }

    /** What waits there and should not any more waits here again; what runs there is left alone, unless its queue is stopped. */
    private void takeBack(Map<QueueName, Delegate> delegated) {
        for (var job : jobs.waitingElsewhere()) {
            var state = closed.get(job.queue());
            if (state != null) {
                rulings.withdraw(job.job(), Hold.closed(job.queue(), state).sentence());
            } else if (!job.to().equals(delegated.get(job.queue()))) {
                rulings.withdraw(job.job(), "queue %s is not handed to %s any more".formatted(job.queue(), job.to()));
            }
        }
        for (var job : jobs.runningElsewhere()) {
            if (job.departure() == null && closed.get(job.queue()) == QueueState.STOPPED) {
                evictions.clear(new Evict(job.job()));
            }
        }
    }

    /** Each job that has a task there leaves whole, and waits again at its old place for room elsewhere. */
    private void leaveDrainedNodes() {
        Set<String> draining;
        try {
            draining = cluster.draining();
        } catch (ClusterUnavailableException away) {
            return; // nor could they leave
        }
        if (draining.isEmpty()) {
            return;
        }
        for (var job : Stream.concat(jobs.running().stream(), jobs.runningElsewhere().stream())
                .toList()) {
            var node =
                    job.placement().nodes().stream().filter(draining::contains).findFirst();
            if (job.departure() == null && node.isPresent()) {
                evictions.clear(job.job(), node.get());
            }
        }
    }

    private boolean somebodyHasToGo() {
        return closed.containsValue(QueueState.STOPPED)
                && jobs.running().stream()
                        .anyMatch(job -> job.departure() == null && closed.get(job.queue()) == QueueState.STOPPED);
    }

    private boolean somebodyMayGrow(Instant now) {
        var moment = new Moment(now.toEpochMilli());
        return jobs.running().stream().anyMatch(job -> job.mayGrowAt(moment));
    }

    private void readShares(Instant now) {
        var unknownQueue = !known.containsAll(jobs.queues());
        if (sharesChanged || unknownQueue || now.isAfter(sharesRead.plus(SHARES_AGE))) {
            sharesChanged = false;
            shares = sharing.read();
            known = shares.queues().stream().map(QueueSettings::name).collect(Collectors.toUnmodifiableSet());
            sharesRead = now;
        }
    }

    private List<Decision> decide(List<Waiting> waiting, Capacity capacity, Instant now) {
        var snapshot = new Snapshot(
                new Moment(now.toEpochMilli()),
                sites.of(capacity, shares, jobs.runningElsewhere()),
                shares.tree(),
                formerUse.of(shares, now),
                jobs.running(),
                waiting.stream()
                        .map(job -> job.promised(promises.get(job.job())))
                        .toList(),
                Rules.USUAL);
        arrivals.note(snapshot.waiting(), snapshot.time());
        seen = snapshot;
        var decisions = timer.record(() -> policy.decide(snapshot));
        keeper.note(snapshot, decisions);
        return decisions;
    }

    private boolean apply(List<Decision> decisions, Instant now) {
        var admitted = new ArrayList<Admit>();
        var waits = new ArrayList<Wait>();
        var kept = new HashMap<JobId, Promise>();
        var inVain = false;
        for (var decision : decisions) {
            switch (decision) {
                case Admit admit -> admitted.add(admit);
                case Wait wait -> {
                    waits.add(wait);
                    if (wait.promise() != null) {
                        kept.put(wait.job(), wait.promise());
                    }
                }
                case Preempt preempt -> {
                    if (evictions.preempt(preempt)) {
                        kept.put(preempt.job(), preempt.promise());
                    } else {
                        inVain = true;
                    }
                }
                case Evict evict -> evictions.clear(evict);
                case Grow grow -> evictions.grow(grow);
            }
        }
        promises = kept; // in memory only: whoever schedules next promises anew
        var news = told.newReasons(waits);
        var first = news.stream().limit(MOST_TOLD).toList();
        var admissions = rulings.admit(admitted, shares);
        var heard = rulings.tell(first);
        heard.forEach(wait -> told.remember(wait.job(), wait.shortage()));
        if (inVain || admissions < admitted.size() || heard.size() < first.size()) {
            jobs.sweep(); // some may have been deleted
        }
        if (now.isAfter(numbersDue)) {
            tellNumbers(waits);
        }
        return inVain || news.size() > MOST_TOLD;
    }

    private void tellNumbers(List<Wait> waits) {
        var begin = clock.instant();
        told.newNumbers(waits).forEach((shortage, waiting) -> {
            rulings.tellNumbers(shortage, waiting);
            waiting.forEach(job -> told.remember(job, shortage));
        });
        var end = clock.instant();
        var rest = Duration.between(begin, end).multipliedBy(NUMBERS_REST);
        numbersDue = end.plus(rest.compareTo(NUMBERS_AGE) > 0 ? rest : NUMBERS_AGE);
    }

    private void disturb(List<Waiting> waiting, String why) {
        var untold = waiting.stream()
                .map(Waiting::job)
                .filter(told::isDisturbance)
                .limit(MOST_TOLD)
                .toList();
        if (!rulings.disturb(untold, why)) {
            told.forget();
        }
    }
}
