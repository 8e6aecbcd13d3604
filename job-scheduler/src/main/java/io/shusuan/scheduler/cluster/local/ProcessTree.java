package io.shusuan.scheduler.cluster.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/**
 * All processes of one attempt: the session of its leader, their descendants, and whoever left both but still carries the
 * attempt's id in its environment, as a daemon does.
 */
record ProcessTree(String attemptId, long leader) {

    static final String ID_VARIABLE = "SHUSUAN_ATTEMPT_ID";

    /** Sends a signal to every process of the attempt. */
    void signal(String name) {
        send(name, "-" + leader);
        for (var pid : members()) {
            send(name, Long.toString(pid));
        }
    }

    boolean anyAlive() {
        return !members().isEmpty();
    }

    Set<Long> members() {
        var found = new HashSet<Long>();
        ProcessHandle.of(leader).filter(process -> carriesId(process.pid())).ifPresent(process -> {
            found.add(process.pid());
            process.descendants().forEach(child -> found.add(child.pid()));
        });
        ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(this::carriesId)
                .forEach(found::add);
        found.removeIf(ProcessTree::isDead);
        return found;
    }

    private boolean carriesId(long pid) {
        return proc(pid, "environ").contains("\0" + ID_VARIABLE + "=" + attemptId + "\0");
    }

    /** The command line of a process with its words separated by NUL, empty if it cannot be read. */
    static String commandLine(long pid) {
        return proc(pid, "cmdline");
    }

    /** A zombie has ended; it only waits for its parent to notice. */
    private static boolean isDead(long pid) {
        var stat = proc(pid, "stat");
        var state = stat.lastIndexOf(')') + 2;
        return stat.isBlank() || stat.charAt(state) == 'Z';
    }

    private static String proc(long pid, String file) {
        try {
            return "\0" + Files.readString(Path.of("/proc", Long.toString(pid), file), StandardCharsets.ISO_8859_1);
        } catch (IOException goneOrNotOurs) {
            return "";
        }
    }

    private static void send(String signal, String target) {
        try {
            // The shell's own kill, since a separate program of that name is not everywhere.
            new ProcessBuilder("/bin/sh", "-c", "kill -s \"$1\" -- \"$2\" 2>/dev/null", "kill", signal, target)
                    .start()
                    .waitFor();
        } catch (IOException noShell) {
            Stream.of(target)
                    .map(text -> Math.abs(Long.parseLong(text)))
                    .flatMap(pid -> ProcessHandle.of(pid).stream())
                    .forEach(ProcessHandle::destroyForcibly);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
