package io.shusuan.scheduler.replay;

import static io.shusuan.scheduler.queue.Worlds.START;
import static io.shusuan.scheduler.queue.Worlds.gpus;
import static io.shusuan.scheduler.queue.Worlds.id;
import static io.shusuan.scheduler.queue.Worlds.job;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shusuan.scheduler.queue.FairPolicy;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Rules;
import io.shusuan.scheduler.queue.World;
import io.shusuan.scheduler.queue.Worlds;
import io.shusuan.scheduler.queue.quota.Preemption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can be asked about a morning in which two queues of one cohort wanted the same node of eight GPUs. */
class ReplayTest {

    @TempDir
    Path folder;

    private final Kept kept = new Kept(Map.of(id(1), "first", id(2), "second", id(3), "third", id(4), "urgent"));
    private final World world = new World(
            Worlds.site(1, 8),
            Worlds.cohort(Worlds.queue(0, 8, Preemption.NONE), Worlds.queue(1, 0, Preemption.NONE)),
            Rules.USUAL,
            Duration.ofSeconds(30));

    /** Of queue-0 come first and second, of queue-1, which owns nothing, third; each wants the whole node for an hour. */
    @BeforeEach
    void morning() {
        world.submit(job(1, 0, 0, START, gpus(1, 8)));
        cycle(0);
        world.submit(job(3, 1, 0, at(5), gpus(1, 8)));
        world.submit(job(2, 0, 0, at(10), gpus(1, 8)));
        world.submit(job(4, 0, 2, at(11), gpus(1, 8)));
        cycle(20);
        world.end(id(1));
        cycle(60);
        world.end(id(4));
        cycle(120);
        world.end(id(3));
        cycle(180);
        world.end(id(2));
        world.submit(job(5, 0, 0, at(240), gpus(1, 1)));
        cycle(240);
    }

    private static Moment at(int minute) {
        return START.plus(Duration.ofMinutes(minute));
    }

    private void cycle(int minute) {
        var snapshot = world.snapshot(at(minute));
        var decisions = new FairPolicy().decide(snapshot);
        kept.add(snapshot, decisions);
        world.apply(decisions, at(minute));
    }

    private String ask(String... question) throws IOException {
        return new Replay(kept.in(folder)).answer(List.of(question)).text();
    }

    @Test
    void theCyclesAreListed() throws IOException {
        assertThat(ask("list").lines()).hasSize(7).first().asString().contains("waiting", "admitted");
        assertThat(ask("list").lines().skip(3).findFirst().orElseThrow().split(" +"))
                .endsWith("3", "0", "1", "0");
    }

    @Test
    void whyOneCameBeforeAnotherOfItsQueue() throws IOException {
        assertThat(ask("why", "urgent", "before", "second"))
                .startsWith("cycle 2, ")
                .contains(
                        "urgent was admitted on node-000",
                        "queue queue-0, no. 1 of it when the cycle began; priority 2",
                        "second waited, no. 1 of its queue: ",
                        "held by queue-0 8",
                        "urgent stood before second: by the time of submission and what priority is worth, 0:19:00 ahead");
    }

    @Test
    void whyOneCameBeforeAnotherOfAnotherQueue() throws IOException {
        assertThat(ask("why", "urgent", "before", "third"))
                .startsWith("cycle 2, ")
                .contains(
                        "share with it: queue queue-0 0.000",
                        "share with it: queue queue-1 1.000",
                        "urgent had been promised room in an earlier cycle, and promises come before anybody's turn, by submission and priority");
        assertThat(ask("why", "third", "before", "urgent"))
                .contains("in none of the cycles was third given room while urgent waited")
                .contains("urgent was given room while third waited");
        assertThat(ask("why", "nobody", "before", "second"))
                .isEqualTo("no job named nobody waited in any of the cycles that were kept%n".formatted());
    }

    @Test
    void sharesDecideBetweenQueuesThatWereToldNothingBefore() throws IOException {
        world.submit(job(6, 1, 0, at(250), gpus(1, 8)));
        world.submit(job(7, 0, 0, at(251), gpus(1, 7)));
        cycle(252);

        assertThat(ask("why", id(7).toString(), "before", id(6).toString()))
                .startsWith("cycle 6, ")
                .contains(
                        "queue queue-0 comes before queue queue-1, since it would be above its own by a share of 0.000, and not 1.000");
    }

    @Test
    void decidedAgainTheyAreDecidedAsTheyWere() throws IOException {
        assertThat(ask("verify")).isEqualTo("all of 6 cycles are decided as they were%n".formatted());
    }

    @Test
    void theFirstThatIsDecidedOtherwiseIsTold() throws IOException {
        var snapshot = world.snapshot(at(300));
        world.submit(job(6, 1, 0, at(300), gpus(1, 2)));
        var others = new FairPolicy().decide(world.snapshot(at(300)));
        kept.add(snapshot, others);

        var answer = new Replay(kept.in(folder)).answer(List.of("verify"));

        assertThat(answer.good()).isFalse();
        assertThat(answer.text())
                .startsWith("1 of 7 cycles are decided otherwise now; the first:")
                .contains("cycle 6, ", "was admitted on node-000; decided again, it stayed what it was");
    }

    @Test
    void whoWouldHaveStartedEarlierUnderAnotherPolicy() throws IOException {
        var answer = ask("try", "queue-1.priority=9");

        assertThat(answer)
                .contains(
                        "with queue-1.priority=9, over 6 cycles",
                        "third of queue queue-1 would have started 1:00:00 earlier",
                        "urgent of queue queue-0 would have started 1:00:00 later",
                        "run again without a change, 5 of 5 jobs start within a minute of when they did")
                .doesNotContain("second of queue");
        assertThat(line("queue-0", answer)).startsWith("queue-0", "4", "0", "1");
        assertThat(line("queue-1", answer)).containsExactly("queue-1", "1", "1", "0", "1:55:00", "0:55:00");
    }

    @Test
    void whoWouldNotHaveStartedWithLessQuota() throws IOException {
        assertThat(ask("try", "queue-0.fast.gpus=4", "queue-0.weight=2"))
                .contains("first of queue queue-0 would have started 4:00:00 later: not by the end, not ")
                .contains("over 6 cycles");
    }

    private static String[] line(String queue, String answer) {
        return answer.lines()
                .filter(line -> line.startsWith(queue + " "))
                .findFirst()
                .orElseThrow()
                .split(" +");
    }

    @Test
    void aQuestionThatIsNoneIsToldWhatIs() {
        assertThatThrownBy(() -> ask("why", "a", "b")).hasMessageContaining("'replay why a b' is no question");
        assertThatThrownBy(() -> ask("try", "queue-0.wait=1"))
                .hasMessageContaining("'queue-0.wait=1' is no change; write QUEUE.weight=2");
        assertThatThrownBy(() -> ask("try", "nowhere.weight=1"))
                .hasMessage("'nowhere.weight=1': there is no queue nowhere; there are queue-0, queue-1");
        assertThatThrownBy(() -> ask("try", "queue-0.slow.gpus=1"))
                .hasMessage("'queue-0.slow.gpus=1': queue queue-0 has no quota of flavour slow; it has of [fast]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            queue-0.weight=0 | weight must be a number above 0
            queue-0.weight=-1 | weight must be a number above 0
            queue-0.priority=1001 | priority must be a whole number from -1000 to 1000
            queue-0.priority=0.5 | priority must be a whole number
            queue-0.fast.gpus=-4 | gpus must be a whole number from 0 to 1000000000
            queue-0.fast.gpus=1.5 | gpus must be a whole number
            queue-0.fast.gpus=99999999999999999999 | gpus must be a whole number
            queue-0.fast.cpus=0.0001 | cpus must be a number with at most 3 decimals
            """)
    void absurdNumbersAreNamed(String change, String said) {
        assertThatThrownBy(() -> ask("try", change)).hasMessageStartingWith("'%s': %s".formatted(change, said));
    }

    @Test
    void nothingIsSaidOfNothing() throws IOException {
        var empty = Files.createFile(folder.resolve("empty"));
        assertThat(new Replay(empty).answer(List.of("try", "queue-0.weight=2")).text())
                .isEqualTo("no cycle was kept yet%n".formatted());
        assertThat(new Replay(empty).answer(List.of("verify")).text())
                .isEqualTo("all of 0 cycles are decided as they were%n".formatted());
    }
}
