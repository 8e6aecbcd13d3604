package io.shusuan.scheduler.forecast;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.queue.Ending;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Rules;
import io.shusuan.scheduler.queue.Running;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.queue.placement.Ask;
import io.shusuan.scheduler.queue.placement.NodeSelector;
import io.shusuan.scheduler.queue.placement.Placement;
import io.shusuan.scheduler.queue.placement.Role;
import io.shusuan.scheduler.queue.placement.Site;
import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Preemption;
import io.shusuan.scheduler.queue.quota.QueueRules;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.queue.quota.Reclaim;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Where a job would start that is behind others, when its queue alone is looked at. */
class PaceTest {

    private static final Moment NOW = new Moment(1_000_000_000);
    private static final QueueName VISION = new QueueName("vision");
    private static final FlavourName FLAVOUR = new FlavourName("gpu");

    private final List<Running> running = new ArrayList<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private @Nullable Limits owned;
    private Duration usual = Duration.ofHours(1);
    private int jobs;

    private JobId next() {
        return new JobId(new UUID(0x7000L, 0x8000_0000_0000_0000L | jobs++));
    }

    private void runs(int count, QueueName queue, int gpus, Ending ending) {
        for (var i = 0; i < count; i++) {
            var spot = new Placement.Spot("worker", new Resources(1000, 1000, gpus), FLAVOUR, "node", 1);
            running.add(
                    new Running(next(), queue, "ada", 0, NOW, NOW, ending, true, null, new Placement(List.of(spot))));
        }
    }

    private Waiting asks(QueueName queue, int gpus, int priority) {
        var role = new Role("worker", new Resources(1000, 1000, gpus), 1, NodeSelector.ANY);
        return new Waiting(next(), queue, "ada", priority, NOW, Ask.of(role), null, null, null);
    }

    private void waits(int count, QueueName queue, int gpus, int priority) {
        IntStream.range(0, count).forEach(i -> waiting.add(asks(queue, gpus, priority)));
    }

    private @Nullable Estimate of(Waiting asked) {
        var all = new ArrayList<>(waiting);
        if (!waiting.contains(asked)) {
            all.add(asked);
        }
        return Pace.of(asked, snapshot(all), experience()).orElse(null);
    }

    private Map<JobId, Lines.Told> lines(List<Waiting> untold, Set<JobId> known) {
        return Lines.of(untold, known, snapshot(waiting), experience());
    }

    private Snapshot snapshot(List<Waiting> all) {
        var quotas = owned == null ? List.<Quota>of() : List.of(Quota.of(FLAVOUR, owned));
        var preemption = new Preemption(false, Reclaim.NONE, false, Duration.ZERO);
        var rules = new QueueRules(VISION, QueueState.OPEN, 1, quotas, Limits.ANY, preemption);
        var cohort = new Cohort(
                new CohortName("all"),
                1,
                List.of(),
                List.of(new Cohort(new CohortName("inner"), 1, List.of(), List.of(), List.of(rules))),
                List.of());
        return new Snapshot(NOW, new Site(List.of(), List.of()), cohort, Map.of(), running, all, Rules.USUAL);
    }

    private Experience experience() {
        var known = IntStream.range(0, 5)
                .mapToObj(i -> new RunTimes.Run(VISION, "ada", usual))
                .toList();
        return new Experience(Set.of(), new RunTimes(known), Arrivals.Known.NONE);
    }

    private Moment expected(Waiting asked) {
        return requireNonNull(requireNonNull(of(asked)).expected());
    }

    private static Moment after(long hours) {
        return NOW.plus(Duration.ofHours(hours));
    }

    @Test
    void theLineMovesAsFastAsWhatItsQueueHoldsIsGivenBack() {
        runs(4, VISION, 1, Ending.UNKNOWN); // for an hour, as all
        waits(8, VISION, 1, 0);

        // four begin in an hour, four in two, and then it is its turn: give or take three times as much
        assertThat(of(asks(VISION, 1, 0))).isEqualTo(new Estimate(after(1), after(3), after(9)));
    }

    @Test
    void whoIsBehindItOrElsewhereKeepsNobodyWaiting() {
        runs(4, VISION, 1, Ending.UNKNOWN);
        runs(40, new QueueName("speech"), 1, Ending.NEVER);
        waits(100, VISION, 1, -1);
        waits(100, new QueueName("speech"), 1, 5);
        waits(4, VISION, 64, 0); // never, there

        assertThat(expected(asks(VISION, 1, 0))).isEqualTo(after(1));
    }

    @Test
    void aLargeOneWaitsUntilThereIsRoomForAllOfIt() {
        runs(2, VISION, 1, Ending.UNKNOWN);
        runs(2, VISION, 1, new Ending.By(NOW.plus(Duration.ofMinutes(30))));

        assertThat(expected(asks(VISION, 4, 0))).isEqualTo(after(1));
        assertThat(expected(asks(VISION, 2, 0))).isEqualTo(NOW.plus(Duration.ofMinutes(30)));
        assertThat(of(asks(VISION, 5, 0))).isNull(); // more than its queue has
    }

    /** Six hours of work for two GPUs, and one and a half for eight. */
    @Test
    void whatAQueueOwnsAndWhatItHoldsAreTheEndsOfTheRange() {
        runs(2, VISION, 1, Ending.UNKNOWN);
        waits(10, VISION, 1, 0);
        owned = Limits.gpus(8);

        var told = requireNonNull(of(asks(VISION, 1, 0)));

        assertThat(told.expected()).isBetween(after(1), after(5));
        assertThat(told.earliest()).isBetween(NOW, after(1));
        assertThat(told.latest()).isGreaterThanOrEqualTo(after(3));
    }

    @Test
    void nothingIsToldOfALineThatDoesNotMove() {
        runs(4, VISION, 1, Ending.NEVER);
        assertThat(of(asks(VISION, 1, 0))).isNull();
    }

    @Test
    void nothingIsToldOfAQueueThatHasNothing() {
        waits(3, VISION, 1, 0);
        assertThat(of(asks(VISION, 1, 0))).isNull();
    }

    @Test
    void tenThousandAheadTakeLessThanASecond() {
        runs(2_000, VISION, 8, Ending.UNKNOWN);
        waits(10_000, VISION, 8, 0);
        var thread = ManagementFactory.getThreadMXBean();
        var begin = thread.getCurrentThreadCpuTime();

        var expected = expected(asks(VISION, 8, 0));

        var took = Duration.ofNanos(thread.getCurrentThreadCpuTime() - begin);
        assertThat(expected).isEqualTo(after(6));
        assertThat(took).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void ofALineSomeAreToldTheCloserTheNearerToItsHeadAndAlwaysTheLast() {
        runs(100, VISION, 1, Ending.UNKNOWN);
        waits(2000, VISION, 1, 0);
        var untold = waiting.subList(200, 2000);

        var told = lines(untold, Set.of());

        var places = IntStream.range(0, 2000)
                .filter(place -> told.containsKey(waiting.get(place).job()))
                .boxed()
                .toList();
        assertThat(places).startsWith(200, 210, 220).contains(1999).hasSizeBetween(40, 60);
        for (var place : places) {
            var estimate = requireNonNull(told.get(waiting.get(place).job())).estimate();
            assertThat(estimate).isEqualTo(of(waiting.get(place)));
            assertThat(estimate.expected()).isEqualTo(after(place / 100 + 1));
        }
    }

    @Test
    void whoWasToldOnceIsToldAgainAndWhoAsksForMoreThanThereIsTellsNobody() {
        runs(10, VISION, 1, Ending.UNKNOWN);
        waits(300, VISION, 1, 0);
        waits(1, VISION, 64, 0);
        waits(5, new QueueName("speech"), 1, 0); // where nothing runs
        var once = waiting.get(273).job();

        var told = lines(waiting, Set.of(once));

        assertThat(told).containsKey(once).doesNotContainKey(waiting.get(300).job());
        assertThat(told.values()).allSatisfy(each -> assertThat(each.room()).isEqualTo(10));
        assertThat(waiting.subList(301, 306)).noneMatch(job -> told.containsKey(job.job()));
    }

    @Test
    void aHundredThousandWhoWaitTakeAFewSeconds() {
        for (var queue = 0; queue < 200; queue++) {
            runs(50, new QueueName("queue-" + queue), 4, Ending.UNKNOWN);
            waits(500, new QueueName("queue-" + queue), 4, 0);
        }
        var thread = ManagementFactory.getThreadMXBean();
        var begin = thread.getCurrentThreadCpuTime();

        var told = lines(waiting, Set.of());

        var took = Duration.ofNanos(thread.getCurrentThreadCpuTime() - begin);
        assertThat(told).hasSizeBetween(5_000, 10_000);
        assertThat(took).isLessThan(Duration.ofSeconds(10));
    }
}
