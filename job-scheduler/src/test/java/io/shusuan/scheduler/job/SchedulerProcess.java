package io.shusuan.scheduler.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A scheduler in a JVM of its own, so that it can be killed. It submits every text in a folder, each under its file's name as
 * key, as a client does that repeats what was not answered.
 */
final class SchedulerProcess implements AutoCloseable {

    /** What it says when it has started and all texts are submitted. */
    static final String READY = "ready to be killed";

    private final Process process;

    private SchedulerProcess(Process process) {
        this.process = process;
    }

    static SchedulerProcess start(TestPlatform.Access access, Path home) throws IOException {
        return new SchedulerProcess(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SchedulerProcess.class.getName(),
                        access.url(),
                        access.user(),
                        access.password(),
                        home.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        home.resolve("platform.log").toFile()))
                .start());
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Sends it a signal, e.g. {@code STOP}. */
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    /** Kills it, and waits for its end. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    static void main(String[] args) throws Exception {
        var home = Path.of(args[3]);
        var context = TestPlatform.start(new TestPlatform.Access(args[0], args[1], args[2]), home);
        var submissions = context.getBean(Submissions.class);
        try (Stream<Path> texts = Files.list(home.resolve("texts"))) {
            for (var text : texts.sorted().toList()) {
                submissions.submit(TestPlatform.submission(
                        Files.readString(text), text.getFileName().toString()));
            }
        }
        IO.println(READY);
        Thread.currentThread().join();
    }
}
