package io.shusuan.db.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What {@code postmaster.pid} and the process table say together about a server on our data folder. */
sealed interface Postmaster {
    record Absent() implements Postmaster {}

    /**
     * The file outlived its server.
     *
     * @param misleading PostgreSQL would take the file for a live server's and refuse to start: the number belongs to
     *     another process now (in a restarted container it often does), or cannot be read
     */
    record Stale(String why, boolean misleading) implements Postmaster {}

    /** A server that really is the one of this data folder. */
    record Alive(ProcessHandle process) implements Postmaster {
        boolean runs(Binaries binaries) {
            return process.info()
                    .command()
                    .map(command -> Path.of(command).startsWith(binaries.folder()))
                    .orElse(false);
        }
    }

    int PID_LINE = 0;
    int START_TIME_LINE = 2;

    static Postmaster observe(PostgresHome home) throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(home.postmasterPid());
        } catch (NoSuchFileException e) {
            return new Absent();
        }
        var pid = number(lines, PID_LINE);
        if (pid.isEmpty() || pid.get() <= 0) {
            return new Stale("it names no process", true);
        }
        var process = ProcessHandle.of(pid.get()).filter(ProcessHandle::isAlive);
        if (process.isEmpty()) {
            return new Stale("process " + pid.get() + " is gone", false);
        }
        if (!isOurs(process.get(), lines, home)) {
            return new Stale("process " + pid.get() + " is another program by now", true);
        }
        return new Alive(process.get());
    }

    /** A postmaster works in its data folder. Where that cannot be asked, its program and start time must fit. */
    private static boolean isOurs(ProcessHandle process, List<String> lines, PostgresHome home) {
        var workingFolder = Path.of("/proc", Long.toString(process.pid()), "cwd");
        try {
            return Files.readSymbolicLink(workingFolder).equals(home.data().toRealPath()) && isPostgres(process);
        } catch (IOException e) {
            return Files.notExists(Path.of("/proc/self"))
                    && isPostgres(process)
                    && startedAt(process, number(lines, START_TIME_LINE));
        }
    }

    private static boolean isPostgres(ProcessHandle process) {
        return process.info()
                .command()
                .map(command -> Path.of(command.replace(" (deleted)", "")).endsWith("postgres"))
                .orElse(false);
    }

    private static boolean startedAt(ProcessHandle process, Optional<Long> epochSecond) {
        var started = process.info().startInstant();
        return started.isPresent()
                && epochSecond.isPresent()
                && Duration.between(started.get(), Instant.ofEpochSecond(epochSecond.get()))
                                .abs()
                                .toSeconds()
                        <= 10;
    }

    private static Optional<Long> number(List<String> lines, int line) {
        try {
            return line < lines.size()
                    ? Optional.of(Long.parseLong(lines.get(line).strip()))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
