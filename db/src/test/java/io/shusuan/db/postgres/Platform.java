package io.shusuan.db.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A second JVM that opens a home as the platform does, and waits there to be killed. */
final class Platform implements AutoCloseable {
    private static final String READY = "ready";

    private final Process process;

    private Platform(Process process) {
        this.process = process;
    }

    static Platform starting(PostgresSettings settings) {
        try {
            return new Platform(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Platform.class.getName(),
                            settings.home().toString(),
                            Integer.toString(settings.port()))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Platform running(PostgresSettings settings) throws IOException {
        var platform = starting(settings);
        var lines = platform.process.inputReader();
        for (var line = lines.readLine(); !isReady(line); line = lines.readLine()) {
            if (line == null) {
                throw new IllegalStateException("the platform ended before it was ready");
            }
        }
        return platform;
    }

    private static boolean isReady(@Nullable String line) {
        return line != null && line.startsWith(READY);
    }

    long pid() {
        return process.pid();
    }

    /** {@code kill -9}: nothing of it runs any further. */
    void kill() {
        process.destroyForcibly().onExit().orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        kill();
    }

    public static void main(String[] arguments) throws InterruptedException {
        var settings = new PostgresSettings(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
        try (var postgres = EmbeddedPostgres.open(settings)) {
            System.out.println(READY + " " + postgres.pid());
            Thread.currentThread().join();
        }
    }
}
