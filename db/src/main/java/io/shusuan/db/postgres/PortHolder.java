package io.shusuan.db.postgres;

import io.shusuan.db.postgres.EmbeddedPostgresException.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Finds out who listens on a port that we want, from what Linux tells in /proc. */
final class PortHolder {
    private static final Path PROC = Path.of("/proc");
    private static final String LISTEN = "0A";
    private static final int LONGEST_COMMAND = 200;

    private PortHolder() {}

    static boolean isFree(int port) {
        try (var socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    static EmbeddedPostgresException taken(int port) {
        return new EmbeddedPostgresException(
                Reason.PORT_TAKEN,
                "Port " + port + " on 127.0.0.1, which the platform's database wants, is taken by "
                        + find(port).orElse("a process that cannot be seen from here (another user's?)") + ".",
                "Stop that process, or set SHUSUAN_POSTGRES_PORT to a free port.");
    }

    /** The process as a person would name it, or nothing where its owner or the system does not show it. */
    private static Optional<String> find(int port) {
        var sockets = listeners(port);
        if (sockets.isEmpty()) {
            return Optional.empty();
        }
        return ProcessHandle.allProcesses()
                .filter(process -> holdsOneOf(sockets, process))
                .findFirst()
                .map(PortHolder::describe);
    }

    private static Set<String> listeners(int port) {
        var sockets = new HashSet<String>();
        Stream.of("tcp", "tcp6")
                .flatMap(PortHolder::lines)
                .map(line -> line.strip().split("\\s+"))
                .filter(fields -> isListener(fields, port))
                .forEach(fields -> sockets.add("socket:[" + fields[9] + "]"));
        return sockets;
    }

    private static Stream<String> lines(String protocol) {
        try {
            return Files.readAllLines(PROC.resolve("net").resolve(protocol)).stream();
        } catch (IOException e) {
            return Stream.empty(); // not Linux, or no such protocol here
        }
    }

    /** Fields of a line: number, local address:port in hexadecimal, remote, state, …, inode as the tenth. */
    private static boolean isListener(String[] fields, int port) {
        return fields.length > 9
                && fields[3].equals(LISTEN)
                && fields[1].endsWith(":" + "%04X".formatted(port).toUpperCase(Locale.ROOT));
    }

    private static boolean holdsOneOf(Set<String> sockets, ProcessHandle process) {
        try (var descriptors =
                Files.list(PROC.resolve(Long.toString(process.pid())).resolve("fd"))) {
            return descriptors.anyMatch(descriptor -> sockets.contains(target(descriptor)));
        } catch (IOException e) {
            return false; // it ended meanwhile, or belongs to somebody else
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return "";
        }
    }

    private static String describe(ProcessHandle process) {
        var command =
                process.info().commandLine().or(() -> process.info().command()).orElse("unknown command");
        var shown = command.length() > LONGEST_COMMAND ? command.substring(0, LONGEST_COMMAND) + "…" : command;
        return "process " + process.pid() + " (" + shown + ")";
    }
}
