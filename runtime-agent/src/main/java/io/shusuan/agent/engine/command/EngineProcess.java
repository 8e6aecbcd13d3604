package io.shusuan.agent.engine.command;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs a command of {@code shusuan-agent engine} as a process of its own, at low priority: it takes minutes and much memory, and what
 * goes wrong in it must not take the process that serves. It ends when this process does, because its input ends then.
 *
 * @param program the command that the words are added to
 */
public record EngineProcess(List<String> program) {
    private static final Logger log = System.getLogger(EngineProcess.class.getName());
    private static final Path NICE = Path.of("/usr/bin/nice");
    /** What a command says of itself begins so, when it fails. */
    private static final String COMPLAINT = "shusuan-agent engine: ";

    public static final int ACCEPTED = 0;
    public static final int REJECTED = EngineCommand.REJECTED;

    /** How a command ended, and what it said last. */
    public record Ending(int code, String said) {}

    public EngineProcess {
        program = List.copyOf(program);
    }

    /**
     * The agent itself, by the same Java and with the same libraries.
     *
     * @param command the class of the agent's command
     */
    public static EngineProcess ofThisAgent(Class<?> command) {
        var words = new ArrayList<String>();
        if (Files.isExecutable(NICE)) {
            words.addAll(List.of(NICE.toString(), "-n", "19"));
        }
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-Xmx2g"));
        for (var property : List.of("shusuan.native", "onnxruntime.native.path")) {
            var value = System.getProperty(property);
            if (value != null) {
                words.add("-D" + property + "=" + value);
            }
        }
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), command.getName(), "engine"));
        return new EngineProcess(words);
    }

    /** Runs it and waits for it. */
    public Ending run(List<String> words) throws IOException, InterruptedException {
        try (var running = start(words)) {
            return running.ending();
        }
    }

    public Running start(List<String> words) throws IOException {
        return start(words, Map.of());
    }

    /** @param environment what it finds in its environment beside what this process has there */
    public Running start(List<String> words, Map<String, String> environment) throws IOException {
        var all = new ArrayList<>(program);
        all.addAll(words);
        all.add(EngineCommand.WHILE_INPUT_LASTS);
        var builder = new ProcessBuilder(all).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return new Running(builder.start());
    }

    /** A command on its way; closing it ends it, from any thread. */
    public record Running(Process process) implements AutoCloseable {
        /** Waits for the end. */
        public Ending ending() throws IOException, InterruptedException {
            var said = "";
            try (var lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                    log.log(Level.DEBUG, "engine: {0}", line);
                    said = line.startsWith(COMPLAINT) ? line.substring(COMPLAINT.length()) : said;
                }
            }
            int code = process.waitFor();
            return new Ending(code, said.isEmpty() ? "its process ended with " + code : said);
        }

        /** Whether a process is this command, or one that it has begun. */
        public boolean owns(long pid) {
            return process.pid() == pid || process.descendants().anyMatch(child -> child.pid() == pid);
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
