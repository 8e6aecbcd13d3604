package io.shusuan.scheduler.cluster.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One look at all processes of this machine. Taken as a whole since it costs the same for one attempt as for a thousand.
 */
final class Processes {

    /** Every process of an attempt is started with this variable. */
    static final String ID_VARIABLE = "SHUSUAN_ATTEMPT_ID";

    private static final Path PROC = Path.of("/proc");
    private static final long SELF = ProcessHandle.current().pid();

    private final Map<Long, Seen> byPid;
    private final Map<Long, List<Seen>> byParent;
    private final Map<Long, List<Seen>> bySession;
    private final Map<String, List<Seen>> byAttempt = new HashMap<>();

    private Processes(Map<Long, Seen> byPid) {
        this.byPid = byPid;
        this.byParent = byPid.values().stream().collect(Collectors.groupingBy(Seen::parent));
        this.bySession = byPid.values().stream().collect(Collectors.groupingBy(Seen::session));
        for (var seen : byPid.values()) {
            if (seen.attempt != null) {
                byAttempt.computeIfAbsent(seen.attempt, id -> new ArrayList<>()).add(seen);
            }
        }
    }

    /** A process for ever: numbers are used again, a number with a start time is not. */
    record Member(long pid, long startTicks) {

        boolean isAlive() {
            var now = Seen.of(pid);
            return now != null && now.startTicks == startTicks && !now.zombie;
        }

        /** Sends TERM or, by force, KILL; only ever to this very process. */
        void end(boolean byForce) {
            // The handle knows the start time of the process it was made for, and is asked only after that was
            // compared.
            ProcessHandle.of(pid).filter(handle -> isAlive()).ifPresent(handle -> {
                var _ = byForce ? handle.destroyForcibly() : handle.destroy();
            });
        }
    }

    private record Seen(
            long pid,
            long parent,
            long session,
            long startTicks,
            boolean zombie,
            @Nullable String attempt) {

        Member member() {
            return new Member(pid, startTicks);
        }

        static @Nullable Seen of(long pid) {
            // The name in brackets may hold anything, brackets too.
            var stat = read(pid, "stat");
            var fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
            if (fields.length < 20) {
                return null;
            }
            var parent = Long.parseLong(fields[1]);
            return new Seen(
                    pid,
                    parent,
                    Long.parseLong(fields[3]),
                    Long.parseLong(fields[19]),
                    fields[0].equals("Z") || fields[0].equals("X"),
                    null);
        }

        Seen withAttempt() {
            return new Seen(pid, parent, session, startTicks, zombie, attemptOf(pid));
        }
    }

    static Processes look() throws IOException {
        var found = new HashMap<Long, Seen>();
        for (var name : Folders.names(PROC)) {
            if (Character.isDigit(name.charAt(0))) {
                var seen = Seen.of(Long.parseLong(name));
                if (seen != null && seen.pid > 2 && seen.parent != 2 && seen.pid != SELF) {
                    found.put(seen.pid, seen.withAttempt());
                }
            }
        }
        return new Processes(found);
    }

    /** The process of this number, if it belongs to the attempt. */
    static @Nullable Member leader(OptionalInt pid, String attemptId) {
        if (pid.isEmpty() || !attemptId.equals(attemptOf(pid.getAsInt()))) {
            return null;
        }
        var seen = Seen.of(pid.getAsInt());
        return seen == null || seen.zombie ? null : seen.member();
    }

    /**
     * All processes of an attempt: those that carry its id; the session of its leader, and of each of its daemons, whatever
     * their environment; the children of all these; and those that were known as such before and have broken every tie.
     */
    Set<Member> of(String attemptId, OptionalInt leader, Collection<Member> knownBefore) {
        var members = new LinkedHashSet<Seen>(byAttempt.getOrDefault(attemptId, List.of()));
        for (var known : knownBefore) {
            var seen = byPid.get(known.pid);
            if (seen != null && seen.member().equals(known)) {
                members.add(seen);
            }
        }
        var toVisit = new ArrayDeque<>(members);
        while (!toVisit.isEmpty()) {
            var member = toVisit.remove();
            var related = new ArrayList<>(byParent.getOrDefault(member.pid, List.of()));
            related.addAll(bySession.getOrDefault(member.pid, List.of()));
            if (member.session == leader.orElse(-1)) {
                // The kernel gives no session the number of one that still has a member, so one member speaks for all.
                related.addAll(bySession.getOrDefault(member.session, List.of()));
            }
            related.stream().filter(members::add).forEach(toVisit::add);
        }
        var living = new HashSet<Member>();
        members.stream().filter(seen -> !seen.zombie).map(Seen::member).forEach(living::add);
        return living;
    }

    private static @Nullable String attemptOf(long pid) {
        var environment = "\0" + read(pid, "environ");
        var name = "\0" + ID_VARIABLE + "=";
        var at = environment.indexOf(name);
        if (at < 0) {
            return null;
        }
        var end = environment.indexOf('\0', at + name.length());
        return end < 0 ? null : environment.substring(at + name.length(), end);
    }

    private static String read(long pid, String file) {
        try {
            return new String(
                    Files.readAllBytes(PROC.resolve(Long.toString(pid)).resolve(file)), StandardCharsets.ISO_8859_1);
        } catch (IOException goneOrNotOurs) {
            return "";
        }
    }
}
