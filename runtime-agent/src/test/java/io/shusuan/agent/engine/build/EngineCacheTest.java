package io.shusuan.agent.engine.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineCacheTest {
    @TempDir
    private Path folder;

    private static EngineCache cache(Path folder) {
        return new EngineCache(folder, Long.MAX_VALUE, Clock.systemUTC());
    }

    private static void writePlan(Path entry, String plan) throws IOException {
        Files.writeString(entry.resolve("model.plan"), plan);
    }

    private List<String> names() throws IOException {
        try (var children = Files.list(folder)) {
            return children.map(child -> child.getFileName().toString())
                    .filter(name -> !name.endsWith(".lock"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void buildsOnceForAllWhoAskAtTheSameTime() throws Exception {
        var key = new EngineKey("k");
        var builds = new AtomicInteger();
        try (var threads = Executors.newFixedThreadPool(8)) {
            var all = IntStream.range(0, 8)
                    .<Future<BuiltEngine>>mapToObj(_ ->
                            threads.submit(() -> cache(folder).get(key, entry -> {
                                builds.incrementAndGet();
                                writePlan(entry, "plan");
                            })))
                    .toList();
            for (var each : all) {
                assertThat(each.get().plan()).content().isEqualTo("plan");
            }
        }
        assertThat(builds).hasValue(1);
    }

    /** A process that builds, is killed in the middle, and holds the key no longer; what it left is cleared away. */
    @Test
    void outlivesABuilderThatIsKilled() throws Exception {
        var builder = process();
        awaitLine(builder, "building");
        assertThat(names()).containsExactly("." + new EngineKey("k").id() + ".building");
        assertThat(cache(folder).find(new EngineKey("k"))).isEmpty();
        builder.destroyForcibly().waitFor();

        var built = cache(folder).get(new EngineKey("k"), entry -> writePlan(entry, "second"));

        assertThat(built.plan()).content().isEqualTo("second");
        assertThat(names()).containsExactly(new EngineKey("k").id());
    }

    /** What another key's builder left goes, too, but not what another process is still building. */
    @Test
    void clearsAwayWhatWasAbandonedAndNothingElse() throws Exception {
        var alive = process();
        awaitLine(alive, "building");
        var dead = Files.createDirectories(folder.resolve("." + new EngineKey("dead").id() + ".building"));

        cache(folder).get(new EngineKey("other"), entry -> writePlan(entry, "other"));

        assertThat(dead).doesNotExist();
        assertThat(names()).contains("." + new EngineKey("k").id() + ".building");
        alive.destroyForcibly().waitFor();
    }

    /** Another process builds; this one waits for it and builds nothing. */
    @Test
    void waitsForTheProcessThatBuilds() throws Exception {
        var builder = process();
        awaitLine(builder, "building");
        try (var thread = Executors.newSingleThreadExecutor()) {
            var waiting = thread.submit(() -> cache(folder).get(new EngineKey("k"), _ -> {
                throw new AssertionError("built twice");
            }));
            builder.getOutputStream().write('\n');
            builder.getOutputStream().flush();

            assertThat(waiting.get().plan()).content().isEqualTo("theirs");
        }
        assertThat(builder.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    private Process process() throws IOException {
        var builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        OtherBuilder.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return builder.start();
    }

    private static void awaitLine(Process process, String line) throws IOException {
        var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        assertThat(lines.readLine()).isEqualTo(line);
    }

    @Test
    void leavesNothingOfABuildThatStopsAtAnyWrite() throws Exception {
        for (int stop = 0; stop < 4; stop++) {
            int files = stop;
            assertThatThrownBy(() -> cache(folder).get(new EngineKey("k"), entry -> {
                        for (int i = 0; i < files; i++) {
                            writePlan(Files.createDirectories(entry.resolve("part" + i)), "plan");
                        }
                        throw new IOException("No space left on device");
                    }))
                    .isInstanceOfSatisfying(
                            EngineException.class,
                            failed -> assertThat(failed.fault()).isEqualTo(Fault.UNWRITABLE))
                    .hasMessageContaining("No space left on device");
            assertThat(names()).isEmpty();
        }
    }

    @Test
    void makesRoomByWhatWasNotUsedForLongest() throws Exception {
        for (int i = 0; i < 3; i++) {
            at(i).get(new EngineKey("k" + i), entry -> writePlan(entry, "x".repeat(1000)));
        }
        assertThat(at(3).find(new EngineKey("k0"))).isPresent();

        at(4).get(new EngineKey("k3"), entry -> writePlan(entry, "x".repeat(1000)));

        assertThat(at(5).find(new EngineKey("k1"))).isEmpty();
        assertThat(names()).hasSize(3);
    }

    private EngineCache at(int second) {
        return new EngineCache(folder, 3500, Clock.fixed(Instant.ofEpochSecond(second), ZoneOffset.UTC));
    }
}
