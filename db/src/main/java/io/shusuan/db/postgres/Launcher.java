package io.shusuan.db.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs PostgreSQL's programs, behind the given words of {@code unshare} or {@code setpriv} where we are root. */
record Launcher(List<String> prefix) {
    /** How a program ended, with all that it wrote to both of its streams. */
    record Outcome(int exitCode, String output) {
        boolean succeeded() {
            return exitCode == 0;
        }
    }

    private static final int OUT_OF_TIME = 124;

    Launcher {
        prefix = List.copyOf(prefix);
    }

    Outcome run(Duration deadline, String... command) {
        var words = new ArrayList<>(prefix);
        words.addAll(List.of(command));
        var builder = new ProcessBuilder(words).redirectErrorStream(true);
        var environment = builder.environment();
        // PGPORT, PGDATA, PGOPTIONS and their like would reach the server behind our back, so would a locale.
        environment.keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        environment.put("LC_ALL", "C");
        try {
            var process = builder.start();
            process.getOutputStream().close();
            var output = CompletableFuture.supplyAsync(
                    () -> read(process), task -> Thread.ofVirtual().start(task));
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                return new Outcome(
                        OUT_OF_TIME, String.join(" ", words) + " did not end in " + deadline.toSeconds() + " s");
            }
            return new Outcome(process.exitValue(), output.join());
        } catch (IOException e) {
            return new Outcome(127, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + String.join(" ", words), e);
        }
    }

    private static String read(Process process) {
        try (var stream = process.getInputStream()) {
            return new String(stream.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
