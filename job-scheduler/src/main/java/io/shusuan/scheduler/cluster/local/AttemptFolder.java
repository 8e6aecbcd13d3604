package io.shusuan.scheduler.cluster.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The folder of one attempt, {@code tasks/<job>/<role>-<index>/<number>}: the truth about it. Whether it was started, by
 * which process, on which ports and how it ended is read from its files, never remembered elsewhere.
 */
record AttemptFolder(Path path, String role, int index, int number) {

    static AttemptFolder of(Path jobFolder, String role, int index, int number) {
        return new AttemptFolder(
                jobFolder.resolve(role + "-" + index).resolve(Integer.toString(number)), role, index, number);
    }

    /** The attempts of a task, oldest first. */
    static List<AttemptFolder> ofTask(Path jobFolder, String role, int index) {
        var task = jobFolder.resolve(role + "-" + index);
        try (Stream<Path> children = Files.list(task)) {
            return children.map(child -> child.getFileName().toString())
                    .filter(name -> name.chars().allMatch(Character::isDigit))
                    .map(Integer::parseInt)
                    .sorted()
                    .map(number -> of(jobFolder, role, index, number))
                    .toList();
        } catch (NoSuchFileException noneYet) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + task, e);
        }
    }

    String uid() {
        return "%s-%d-%d".formatted(role, index, number);
    }

    Path work() {
        return path.resolve("work");
    }

    Path output() {
        return path.resolve("output");
    }

    void create(String command, List<Integer> ports) throws IOException {
        Files.createDirectories(work());
        writeWhole("ports", String.join(" ", ports.stream().map(String::valueOf).toList()));
        writeWhole("command", command);
    }

    /** Whether the folder is complete, so that its attempt can be started. */
    boolean created() {
        return Files.exists(path.resolve("command"));
    }

    List<Integer> ports() {
        return read("ports").stream()
                .flatMap(text -> Stream.of(text.split(" ")))
                .filter(text -> !text.isEmpty())
                .map(Integer::parseInt)
                .toList();
    }

    /** The process that leads the attempt, if it still lives and is still that process. */
    Optional<ProcessHandle> leader() {
        return pid().stream()
                .mapToObj(ProcessHandle::of)
                .flatMap(Optional::stream)
                .filter(this::isOurs)
                .findFirst();
    }

    OptionalInt pid() {
        return read("pid")
                .filter(text -> !text.isEmpty())
                .map(Integer::parseInt)
                .map(OptionalInt::of)
                .orElse(OptionalInt.empty());
    }

    boolean started() {
        return Files.exists(path.resolve("pid"));
    }

    /** Process numbers are used again: only a process that carries this folder in its command line is the leader. */
    private boolean isOurs(ProcessHandle process) {
        return process.isAlive() && ProcessTree.commandLine(process.pid()).contains(path.toString());
    }

    OptionalInt exitCode() {
        return read("exit")
                .filter(text -> !text.isEmpty())
                .map(Integer::parseInt)
                .map(OptionalInt::of)
                .orElse(OptionalInt.empty());
    }

    /** Why it ended, where that is known better than by its exit code: {@code <reason> <sentence>}. */
    Optional<String> verdict() {
        return read("verdict");
    }

    Optional<Instant> startedAt() {
        return time("pid");
    }

    Optional<Instant> endedAt() {
        return time("exit");
    }

    /** Writes down the end of an attempt whose leader cannot do it any more. */
    void end(int exitCode, String verdict) throws IOException {
        if (!verdict.isEmpty()) {
            writeWhole("verdict", verdict);
        }
        if (exitCode().isEmpty()) {
            writeWhole("exit", Integer.toString(exitCode));
        }
    }

    void writeWhole(String name, String text) throws IOException {
        var part = path.resolve(name + ".part");
        Files.writeString(part, text);
        Files.move(part, path.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private Optional<String> read(String name) {
        try {
            return Optional.of(
                    Files.readString(path.resolve(name), StandardCharsets.UTF_8).strip());
        } catch (NoSuchFileException notThere) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read %s of attempt %s".formatted(name, path), e);
        }
    }

    private Optional<Instant> time(String name) {
        try {
            return Optional.of(Files.getLastModifiedTime(path.resolve(name)).toInstant());
        } catch (IOException notThere) {
            return Optional.empty();
        }
    }
}
