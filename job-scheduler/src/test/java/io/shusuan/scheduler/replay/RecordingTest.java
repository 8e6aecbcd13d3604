package io.shusuan.scheduler.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.FairPolicy;
import io.shusuan.scheduler.queue.Hold;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Rules;
import io.shusuan.scheduler.queue.Seeds;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.WaitReason;
import io.shusuan.scheduler.queue.World;
import io.shusuan.scheduler.queue.Worlds;
import io.shusuan.scheduler.queue.placement.Node;
import io.shusuan.scheduler.queue.placement.Site;
import io.shusuan.scheduler.queue.quota.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is read of kept cycles is what they were. */
class RecordingTest {

    private record Was(Snapshot snapshot, List<Decision> decisions) {}

    /** Cycles of a world where jobs come and end, nodes change and quotas are divided anew. */
    private static List<Was> cycles(Random random, int size) {
        var queues = new int[1];
        var world = new World(
                Worlds.randomSite(random, size),
                Worlds.randomTree(random, 3, queues),
                new Rules(Duration.ofMinutes(1), random.nextInt(4), 20),
                Duration.ofSeconds(20));
        var now = Worlds.START;
        var cycles = new ArrayList<Was>();
        for (var cycle = 0; cycle < 3 * size; cycle++) {
            now = now.plus(Duration.ofSeconds(1 + random.nextInt(60)));
            somethingHappens(random, world, cycle, queues, size, now);
            world.depart(now);
            var snapshot = world.snapshot(now);
            var decisions = new FairPolicy().decide(snapshot);
            cycles.add(new Was(snapshot, decisions));
            world.apply(decisions, now);
        }
        return cycles;
    }

    private static void somethingHappens(Random random, World world, int cycle, int[] queues, int size, Moment now) {
        for (var i = random.nextInt(5); i > 0; i--) {
            var job = Worlds.randomJob(random, 100 * cycle + i, queues[0], now);
            world.submit(
                    random.nextInt(9) == 0 ? job.held(new Hold(WaitReason.BUDGET_SPENT, "the budget is spent")) : job);
        }
        world.running().stream()
                .map(each -> each.job())
                .skip(random.nextInt(3))
                .limit(1)
                .toList()
                .forEach(world::end);
        world.waiting().stream()
                .map(each -> each.job())
                .skip(random.nextInt(9))
                .limit(1)
                .toList()
                .forEach(world::end);
        if (random.nextInt(8) == 0) {
            world.moveTo(Worlds.randomSite(random, size));
        }
        if (random.nextInt(8) == 0) {
            queues[0] = 0;
            world.divideAnew(Worlds.randomTree(random, 3, queues));
        }
        if (random.nextInt(8) == 0) {
            world.remember(Map.of(Worlds.name(0), Limits.gpus(random.nextInt(9))));
        }
    }

    private static Kept keep(List<Was> cycles) {
        var kept = new Kept(new HashMap<>());
        cycles.forEach(each -> kept.add(each.snapshot, each.decisions));
        return kept;
    }

    @Test
    void whatIsReadIsWhatWasAndIsDecidedAsItWas() {
        Seeds.forAll(60, 12, (random, size) -> {
            var cycles = cycles(random, size);

            var read = Kept.read(keep(cycles).file());

            assertThat(read.passedOver()).isEmpty();
            assertThat(read.cycles()).hasSameSizeAs(cycles);
            var verification = new Verification();
            for (var i = 0; i < cycles.size(); i++) {
                same(cycles.get(i).snapshot, read.cycles().get(i).snapshot());
                assertThat(read.cycles().get(i).decided()).isEqualTo(Decided.of(cycles.get(i).decisions));
                verification.look(read.cycles().get(i));
            }
            assertThat(verification.isSame()).as(verification.answer()).isTrue();
        });
    }

    /** In whatever order the lists are, which says nothing. */
    private static void same(Snapshot was, Snapshot read) {
        assertThat(read.time()).isEqualTo(was.time());
        assertThat(read.site().levels()).isEqualTo(was.site().levels());
        assertThat(nodes(read.site())).isEqualTo(nodes(was.site()));
        assertThat(read.cohorts()).isEqualTo(was.cohorts());
        assertThat(read.recent()).isEqualTo(was.recent());
        assertThat(new HashSet<>(read.running())).isEqualTo(new HashSet<>(was.running()));
        assertThat(new HashSet<>(read.waiting())).isEqualTo(new HashSet<>(was.waiting()));
        assertThat(read.rules()).isEqualTo(was.rules());
    }

    private static List<Node> nodes(Site site) {
        return IntStream.range(0, site.size()).mapToObj(site::node).toList();
    }

    @Test
    void mostCyclesSayOnlyWhatDiffersAndReadingNeverBeginsFarAway() {
        var kept = keep(cycles(new Random(1), 40)).stored();

        assertThat(kept.getFirst().whole()).isTrue();
        assertThat(kept).filteredOn(Recorder.Stored::whole).hasSizeBetween(2, kept.size() / 3);
        var whole = 0L;
        var since = 0L;
        for (var each : kept) {
            if (each.whole()) {
                whole = each.content().length;
                since = 0;
            } else {
                assertThat(since).isLessThanOrEqualTo(whole);
                since += each.content().length;
            }
        }
    }

    @Test
    void whatIsDamagedIsNamedAndPassedOverWithWhatDependsOnIt() {
        var kept = keep(cycles(new Random(2), 20));
        var stored = kept.stored();
        var second = IntStream.range(1, stored.size())
                .filter(i -> stored.get(i).whole())
                .findFirst()
                .orElseThrow();
        assertThat(second).isGreaterThan(2);
        stored.get(1).content()[20] ^= 1;

        var read = Kept.read(kept.file());

        assertThat(read.passedOver())
                .containsExactly(
                        "cycle 1 is damaged: its checksum does not fit: it was cut or changed",
                        "%d cycle(s) that say only what differs from one that is not there".formatted(second - 2));
        assertThat(read.cycles())
                .extracting(KeptCycle::id)
                .startsWith(0L, (long) second)
                .hasSize(stored.size() - second + 1);
    }

    @Test
    void whatWasCutIsNamed() {
        var file = keep(cycles(new Random(3), 5)).file();
        var whole = Kept.read(file).cycles().size();

        var read = Kept.read(Arrays.copyOf(file, file.length - 7));

        assertThat(read.cycles()).hasSize(whole - 1);
        assertThat(read.passedOver()).containsExactly("cycle %d was cut: the file ends within it".formatted(whole - 1));
    }

    @Test
    void whatALaterVersionWroteIsNamed() {
        var kept = keep(cycles(new Random(4), 1));
        kept.stored().getFirst().content()[0] = 9;

        assertThat(Kept.read(kept.file()).passedOver().getFirst())
                .isEqualTo("cycle 0 is damaged: it is of version 9, and only version 1 can be read here");
    }
}
