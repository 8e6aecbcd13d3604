package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Resources;
import io.shusuan.db.postgres.TestDatabase;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.queue.placement.Ask;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.sharing.Flavour;
import io.shusuan.scheduler.sharing.Sharing;
import io.shusuan.scheduler.spec.JobSpec;
import io.shusuan.scheduler.spec.SpecReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What jobs ask for beside resources. */
class DemandsTest {

    private static final String WAIT = "exec sleep 1000";

    @TempDir
    static Path home;

    private static TestDatabase database;
    private static TestPlatform platform;

    @BeforeAll
    static void start() {
        database = TestDatabase.migrated();
        platform = TestPlatform.on(database, home);
    }

    @AfterAll
    static void end() throws Exception {
        platform.close();
        database.close();
    }

    @AfterEach
    void stopAll() {
        platform.stopAll();
    }

    private static JobId submit(String name, String kind, String command, String lines) {
        return platform.submit(text(name, kind, 1, command) + lines + "\n");
    }

    @Test
    void whoHoldsResourcesLongerThanItsLimitIsEnded() {
        var id = submit("long", "training", WAIT, "timeLimit: 2s");
        var job = platform.ended(id);
        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.reason()).isEqualTo("TimeLimitExceeded");
        assertThat(job.message()).isEqualTo("has held its resources for 2 seconds, its time limit");
        assertThat(Duration.between(job.admittedAt(), job.finishedAt())).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void aServiceThatIsNeverReadyIsEndedToo() {
        var id = submit("deaf", "inference", WAIT, "timeLimit: 1s");
        assertThat(platform.ended(id).reason()).isEqualTo("TimeLimitExceeded");
    }

    @Test
    void theLimitGoesOnWhileThePlatformIsDown() {
        var id = submit("restarted", "training", WAIT, "timeLimit: 3s");
        var admitted = platform.reaches(id, JobState.RUNNING).admittedAt();
        platform.restart();
        var job = platform.ended(id);
        assertThat(job.reason()).isEqualTo("TimeLimitExceeded");
        assertThat(job.admittedAt()).isEqualTo(admitted);
    }

    @Test
    void whoEndsInTimeDoesNotNoticeTheLimit() {
        var id = submit("short", "training", "true", "timeLimit: 1h");
        assertThat(platform.ended(id).state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void nobodyGetsANodeOfAnotherKind() {
        var id = submit("choosy", "training", WAIT, "  nodeSelector: {zone: a}");
        assertThat(platform.waitsBecause(id, "NoMatchingNode").message())
                .isEqualTo("role role0 asks for nodes with zone=a, but none has the label zone;"
                        + " ask for what there is, or add such a node");
    }

    @Test
    void aLevelThatTheClusterDoesNotHaveIsToldBeforeAndAfter() throws Exception {
        var lines = text("near", "training", 1, WAIT) + "topology: {level: rack}\n";
        var check = platform.bean(JobCheck.class)
                .check(lines.getBytes(StandardCharsets.UTF_8), "ada")
                .verdict();
        assertThat(check)
                .isInstanceOfSatisfying(
                        JobCheck.Verdict.Never.class,
                        never -> assertThat(never.sentence())
                                .isEqualTo("the cluster has no level of topology named rack; it has []"));
        platform.waitsBecause(platform.submit(lines), "Misconfigured");
    }

    @Test
    void howTasksArePackedIsKeptWithTheJob() {
        for (var packing : List.of("pack", "spread", "balance")) {
            var spec = spec("topology: {level: rack, packing: %s}".formatted(packing));
            assertThat(Asks.of(spec).packing()).hasToString(packing.toUpperCase(Locale.ROOT));
            assertThat(stored(Demands.of(spec).json().orElseThrow())).isEqualTo(Asks.of(spec));
        }
        var anywhere = spec("topology: {packing: spread}");
        assertThat(stored(Demands.of(anywhere).json().orElseThrow())).isEqualTo(Asks.of(anywhere));

        var near = spec("topology: {level: rack, required: true}");
        var older = Demands.of(near).json().orElseThrow().replace(",\"packing\":\"PACK\"", "");
        assertThat(older).doesNotContain("packing");
        assertThat(stored(older)).isEqualTo(Asks.of(near));
    }

    private static JobSpec spec(String line) {
        return new SpecReader()
                .read((text("near", "training", 1, WAIT) + line).getBytes(StandardCharsets.UTF_8))
                .spec();
    }

    /** As it is read again by whoever schedules next. */
    private static Ask stored(String demands) {
        return new Asks()
                .of(
                        "[{\"name\":\"role0\",\"tasks\":1,\"minimum\":1,\"milliCpus\":1000,\"memoryMiB\":64,\"gpus\":0}]",
                        demands);
    }

    @Test
    void nodesStandWhereTheirLabelsSay() {
        var levels = new Levels(List.of(new Levels.Level("zone", "z"), new Levels.Level("rack", "r")));
        var capacity = new Capacity(List.of(
                node("b", Map.of("z", "north", "r", "1")),
                node("a", Map.of("z", "south", "r", "1")),
                node("c", Map.of())));
        var sharing = new Sharing(List.of(new Flavour(FlavourName.DEFAULT, Map.of())), List.of(), List.of());
        var site = new Sites(levels).of(capacity, sharing, List.of());
        assertThat(site.levels()).containsExactly("zone", "rack");
        assertThat(IntStream.range(0, 3).mapToObj(site::node).map(node -> String.join("/", node.domains())))
                .containsExactly("c/c", "north/1", "south/1");
    }

    private static Capacity.Node node(String name, Map<String, String> labels) {
        return new Capacity.Node(name, labels, Set.of(), new Resources(1000, 1000, 0), Resources.NONE, 10);
    }
}
