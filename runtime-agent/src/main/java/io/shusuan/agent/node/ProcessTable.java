package io.shusuan.agent.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The machine's processes in {@code /proc}. In a pod that needs the host's process ids ({@code hostPID}); which pod a process is in, anybody may read,
 * its environment only its own user.
 */
final class ProcessTable {
    private static final String JOB_ID = "SHUSUAN_JOB_ID=";

    /** With systemd as driver of control groups the dashes of a uid are underscores. */
    private static final Pattern POD =
            Pattern.compile("pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12})");

    private static final Pattern CONTAINER = Pattern.compile("(?:^|[/:-])([0-9a-f]{64})(?:\\.scope)?$");

    /** A job's id is a UUID; other texts are not passed on as one. */
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private final Path proc;

    ProcessTable(Path proc) {
        this.proc = proc;
    }

    ProcessOwner owner(int pid) {
        var groups = read(pid, "cgroup").orElse("");
        return new ProcessOwner(
                read(pid, "comm").map(String::strip).filter(name -> !name.isEmpty()),
                read(pid, "environ").flatMap(ProcessTable::job),
                find(POD, groups).map(uid -> uid.replace('_', '-')),
                groups.lines().flatMap(line -> find(CONTAINER, line).stream()).findFirst());
    }

    private Optional<String> read(int pid, String file) {
        try {
            return Optional.of(
                    Files.readString(proc.resolve(Integer.toString(pid)).resolve(file), StandardCharsets.ISO_8859_1));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    private static Optional<String> job(String environment) {
        return Arrays.stream(environment.split("\0"))
                .filter(variable -> variable.startsWith(JOB_ID))
                .map(variable -> variable.substring(JOB_ID.length()))
                .filter(id -> UUID.matcher(id).matches())
                .findFirst();
    }

    private static Optional<String> find(Pattern pattern, String text) {
        var matcher = pattern.matcher(text);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
