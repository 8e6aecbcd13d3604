package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process: what it prints and how it ends. */
class ProcessTest {
    @TempDir
    private Path folder;

    @TempDir
    private Path home;

    private Process agent(String... arguments) throws IOException {
        return agent(ProcessBuilder.Redirect.DISCARD, arguments);
    }

    private Process agent(ProcessBuilder.Redirect log, String... arguments) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "io.shusuan.agent.Main"));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectError(log);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.environment().put("HOME", home.toString());
        builder.environment().remove("ORT_DISABLE_TELEMETRY");
        return builder.start();
    }

    /** ONNX Runtime's report to its maker has a buffer for the command line and crashes beyond it. */
    @Test
    void bearsALongCommandLine() throws Exception {
        var process = agent("--list-backends", "--load-model=" + "m".repeat(5000));
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .containsPattern("onnxruntime \\d+\\.\\d+\\.\\d+ available");
        assertThat(process.waitFor()).isZero();
    }

    /** What ONNX Runtime would report of this machine it first keeps in the home folder. */
    @Test
    void endsWithZeroWhenItIsToldToAndHasReportedNothing() throws Exception {
        new ModelRepository(folder).onnx("m", 1, "identity");
        var process =
                agent("--model-repository", folder.toString(), "--http-port=0", "--grpc-port=0", "--metrics-port=0");
        try (var out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(out.readLine())
                    .matches("ready in \\d+ ms, HTTP 127.0.0.1:\\d+, gRPC 127.0.0.1:\\d+, metrics 127.0.0.1:\\d+");
            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
            assertThat(home).isEmptyDirectory();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void writesNothingBesideItsLog() throws Exception {
        new ModelRepository(folder).onnx("m", 1, "identity");
        var log = home.resolve("log");
        var process = agent(
                ProcessBuilder.Redirect.to(log.toFile()),
                "--model-repository=" + folder,
                "--http-port=0",
                "--grpc-port=0",
                "--metrics-port=0",
                "--log-format=json",
                "--metrics-config=summary_latencies=true",
                "--http-thread-count=8");
        try (var out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(out.readLine()).startsWith("ready in ");
            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readAllLines(log))
                    .allSatisfy(line -> assertThat(line).startsWith("{\"time\":\""))
                    .anySatisfy(line ->
                            assertThat(line).contains("--http-thread-count changes nothing: the network has a thread"));
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void tellsItsVersionAndRefusesWhatItDoesNotKnow() throws Exception {
        var version = agent("--version");
        assertThat(new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .startsWith("shusuan-agent ");
        assertThat(version.waitFor()).isZero();
        assertThat(agent("--no-such-flag").waitFor()).isEqualTo(2);
        new ModelRepository(folder).file("broken/1/model.onnx", "no model");
        assertThat(agent("--model-repository", folder.toString(), "--http-port=0", "--grpc-port=0", "--metrics-port=0")
                        .waitFor())
                .isEqualTo(1);
    }
}
