package io.shusuan.agent.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs the fuzzer on each target in a process of its own, from the seeds on. {@code -Dfuzz.seconds=N} lets it run for longer,
 * {@code -Dfuzz.target=NAME} alone; what it learns is kept in {@code target/fuzz} and used by the next run.
 */
class FuzzTest {
    private static final int SECONDS = Integer.getInteger("fuzz.seconds", 3);
    private static final String ONLY = System.getProperty("fuzz.target", "");
    private static final int START_SECONDS = 120;
    private static final int SHOWN = 6000;

    /** What is fuzzed, by the name a command gives. */
    enum Target {
        http(HttpFuzz.class, 4096),
        json(JsonFuzz.class, 4096),
        binary(BinaryFuzz.class, 4096),
        grpc(GrpcFuzz.class, 4096),
        sharedmemory(SharedMemoryFuzz.class, 512),
        config(ConfigFuzz.class, 4096),
        onnx(OnnxFuzz.class, 16384);

        private final Class<?> type;
        private final int longest;

        Target(Class<?> type, int longest) {
            this.type = type;
            this.longest = longest;
        }
    }

    @ParameterizedTest
    @EnumSource
    void findsNothing(Target target) throws IOException, InterruptedException {
        assumeTrue(ONLY.isEmpty() || ONLY.equals(target.name()), "only " + ONLY + " was asked for");
        var learnt =
                Files.createDirectories(Path.of("target", "fuzz", target.name()).toAbsolutePath());
        var log = learnt.resolveSibling(target.name() + ".log");
        var fuzzing = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx1g",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+EnableDynamicAgentLoading",
                        "-Dio.netty.leakDetection.level=paranoid",
                        "com.code_intelligence.jazzer.Jazzer",
                        "--target_class=" + target.type.getName(),
                        "--instrumentation_includes=io.shusuan.agent.**:io.netty.handler.codec.http.**",
                        "--instrumentation_excludes=io.shusuan.agent.fuzz.**:io.shusuan.agent.config.proto.**:io.shusuan.agent.protocol.grpc.proto.**",
                        "--reproducer_path=" + learnt.getParent(),
                        "-artifact_prefix=" + learnt.resolveSibling(target.name() + "-"),
                        "-max_total_time=" + SECONDS,
                        "-timeout=20",
                        "-rss_limit_mb=4096",
                        "-max_len=" + target.longest,
                        learnt.toString(),
                        seeds(target).toString()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        // beside the class path nobody would find the flags in a list of processes
        fuzzing.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        var process = fuzzing.start();
        try {
            assertThat(process.waitFor(START_SECONDS + SECONDS, TimeUnit.SECONDS))
                    .as("the fuzzer ends")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        var said = Files.readString(log, StandardCharsets.ISO_8859_1);
        assertThat(process.exitValue())
                .as(said.substring(Math.max(0, said.length() - SHOWN)))
                .isZero();
        assertThat(said).contains("INITED");
    }

    private static Path seeds(Target target) throws IOException {
        return Files.createDirectories(
                Path.of("src", "test", "fuzz", target.name()).toAbsolutePath());
    }
}
