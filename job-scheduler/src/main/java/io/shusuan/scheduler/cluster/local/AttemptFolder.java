package io.shusuan.scheduler.cluster.local;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * The folder of one attempt, {@code tasks/<job>/<role>-<index>/<number>}: the truth about it. Whether it was started, by
 * which process, on which ports and how it ended is read from its files, never remembered elsewhere. What cannot be read
 * counts as not written.
 */
record AttemptFolder(Path path, String role, int index, int number) {

    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
    private static final Pattern TASK = Pattern.compile("(?<role>[a-z0-9-]+)-(?<index>\\d{1,9})");
    private static final Pattern UID = Pattern.compile(TASK + "-(?<number>\\d{1,9})");

    static AttemptFolder of(Path jobFolder, String role, int index, int number) {
        return new AttemptFolder(
                jobFolder.resolve(role + "-" + index).resolve(Integer.toString(number)), role, index, number);
    }

    static Optional<AttemptFolder> ofUid(Path jobFolder, String uid) {
        var match = UID.matcher(uid);
        return match.matches()
                ? Optional.of(of(
                        jobFolder,
                        match.group("role"),
                        Integer.parseInt(match.group("index")),
                        Integer.parseInt(match.group("number"))))
                : Optional.empty();
    }

    /** The attempts of a task, oldest first. */
    static List<AttemptFolder> ofTask(Path jobFolder, String role, int index) throws IOException {
        return Folders.names(jobFolder.resolve(role + "-" + index)).stream()
                .filter(name -> NUMBER.matcher(name).matches())
                .map(Integer::parseInt)
                .sorted()
                .map(number -> of(jobFolder, role, index, number))
                .toList();
    }

    /** The attempts of all tasks of a job, task by task, oldest first. */
    static List<AttemptFolder> ofJob(Path jobFolder) throws IOException {
        var found = new ArrayList<AttemptFolder>();
        for (var name : Folders.names(jobFolder)) {
            var match = TASK.matcher(name);
            if (match.matches()) {
                found.addAll(ofTask(jobFolder, match.group("role"), Integer.parseInt(match.group("index"))));
            }
        }
        found.sort(Comparator.comparing(AttemptFolder::role)
                .thenComparingInt(AttemptFolder::index)
                .thenComparingInt(AttemptFolder::number));
        return found;
    }

    String uid() {
        return "%s-%d-%d".formatted(role, index, number);
    }

    /** Unique among all attempts of all jobs; its processes carry it in their environment. */
    String id() {
        return jobFolder().getFileName() + "/" + uid();
    }

    Path jobFolder() {
        return Objects.requireNonNull(Objects.requireNonNull(path.getParent()).getParent());
    }

    Path work() {
        return path.resolve("work");
    }

    Path output() {
        return path.resolve("output");
    }

    void create(String command, Plan plan) throws IOException {
        Files.createDirectories(work());
        writeWhole("command", command);
        writeWhole("plan", plan.text());
    }

    /** Whether the folder is complete, so that its attempt can be started. */
    boolean created() {
        return Files.exists(path.resolve("plan"));
    }

    Plan plan() throws IOException {
        return read("plan").map(Plan::parse).orElse(Plan.UNREADABLE);
    }

    /** Whether somebody owns the attempt: its leader, or who made sure that it never gets one. */
    boolean taken() {
        return Files.exists(path.resolve("pid"));
    }

    /** Takes the attempt away from a leader that has not begun; false if one has. */
    boolean takeAway() throws IOException {
        try {
            Files.createDirectories(path);
            Files.createFile(path.resolve("pid"));
            return true;
        } catch (FileAlreadyExistsException begun) {
            return false;
        }
    }

    OptionalInt pid() throws IOException {
        return number("pid");
    }

    boolean commandHasEnded() {
        return Files.exists(path.resolve("exit"));
    }

    OptionalInt exitCode() throws IOException {
        return number("exit");
    }

    /** Whether nothing of it lives any more. */
    boolean over() {
        return Files.exists(path.resolve("over"));
    }

    /** Why it ended, where that is known better than by its exit code: {@code <reason> <sentence>}. */
    Optional<String> verdict() throws IOException {
        return read("verdict").filter(text -> !text.isEmpty());
    }

    /** When its leader began; before it has said so, when it was made. Empty if it never began. */
    Optional<Instant> startedAt() throws IOException {
        return pid().isPresent() ? time("pid") : taken() ? Optional.empty() : time("plan");
    }

    Optional<Instant> endedAt() {
        return time("exit").or(() -> time("over"));
    }

    void judge(String verdict) throws IOException {
        writeWhole("verdict", verdict);
    }

    void close() throws IOException {
        writeWhole("over", "");
    }

    /** In one step: a reader sees the old text or the new one. */
    void writeWhole(String name, String text) throws IOException {
        var part = path.resolve(name + ".new");
        Files.writeString(part, text);
        Files.move(part, path.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    Optional<String> read(String name) throws IOException {
        try {
            return Optional.of(
                    Files.readString(path.resolve(name), StandardCharsets.UTF_8).strip());
        } catch (NoSuchFileException | NotDirectoryException | MalformedInputException notWritten) {
            return Optional.empty();
        }
    }

    private OptionalInt number(String name) throws IOException {
        return read(name)
                .filter(text -> NUMBER.matcher(text).matches())
                .map(text -> OptionalInt.of(Integer.parseInt(text)))
                .orElse(OptionalInt.empty());
    }

    private Optional<Instant> time(String name) {
        try {
            return Optional.of(Files.getLastModifiedTime(path.resolve(name)).toInstant());
        } catch (IOException notThere) {
            return Optional.empty();
        }
    }
}
