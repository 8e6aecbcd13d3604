package io.shusuan.scheduler.cluster.local;

import io.shusuan.db.job.JobId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A platform in a JVM of its own, so that it can be killed: runs a local cluster and applies every text it finds. */
final class PlatformProcess implements AutoCloseable {

    private final Process process;

    private PlatformProcess(Process process) {
        this.process = process;
    }

    /** Starts one for a home, and returns when it has applied the texts in its folder {@code texts}. */
    static PlatformProcess start(Path home) throws IOException {
        var ready = home.resolve("ready");
        Files.deleteIfExists(ready);
        var started = launch(home);
        TestMachine.awaiting().until(() -> Files.exists(ready));
        return started;
    }

    static PlatformProcess launch(Path home) throws IOException {
        return new PlatformProcess(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PlatformProcess.class.getName(),
                        home.toString())
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("platform.log").toFile())
                .start());
    }

    static void text(Path home, JobId job, String text) throws IOException {
        var texts = Files.createDirectories(home.resolve("texts"));
        Files.writeString(texts.resolve(job.toString()), text);
    }

    /** Kills it, and waits for its end. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    static void main(String[] args) throws Exception {
        var home = Path.of(args[0]);
        var cluster = new LocalCluster(TestMachine.settings(home));
        for (var name : Folders.names(home.resolve("texts"))) {
            var text = Files.readString(home.resolve("texts").resolve(name));
            cluster.apply(TestMachine.workload(JobId.parse(name), text));
        }
        Files.createFile(home.resolve("ready"));
        Thread.currentThread().join();
    }
}
