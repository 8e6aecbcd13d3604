package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.engine.build.EngineBuild;
import io.shusuan.agent.engine.build.EngineCache;
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

/**
 * Runs {@code engine build} as a process of its own, at low priority. A build takes minutes and much memory, and what goes wrong in it on
 * the GPU would take the GPU away from the process that serves. It ends when this process does, because its input ends then.
 *
 * @param program the command that {@code build …} is added to
 */
record BuildProcess(List<String> program) {
    private static final Logger log = System.getLogger(BuildProcess.class.getName());
    private static final Path NICE = Path.of("/usr/bin/nice");
    /** What a build says of itself begins so, when it fails. */
    private static final String COMPLAINT = "shusuan-agent engine: ";

    static final int ACCEPTED = 0;
    static final int REJECTED = 3;

    /** How a build ended, and what it said last. */
    record Ending(int code, String said) {}

    BuildProcess {
        program = List.copyOf(program);
    }

    /**
     * The agent itself, by the same Java and with the same libraries.
     *
     * @param command the class of the agent's command
     */
    static BuildProcess ofThisAgent(Class<?> command) {
        var words = new ArrayList<String>();
        if (Files.isExecutable(NICE)) {
            words.addAll(List.of(NICE.toString(), "-n", "19"));
        }
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-Xmx2g"));
        for (var property : List.of(Glue.FOLDER, "onnxruntime.native.path")) {
            var value = System.getProperty(property);
            if (value != null) {
                words.add("-D" + property + "=" + value);
            }
        }
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), command.getName(), "engine"));
        return new BuildProcess(words);
    }

    /** Builds into the cache and waits for it. */
    Ending run(EngineBuild build, EngineCache cache) throws IOException, InterruptedException {
        var words = new ArrayList<>(program);
        words.addAll(build.words());
        words.addAll(cache.words());
        words.add("--while-input-lasts");
        var process = new ProcessBuilder(words).redirectErrorStream(true).start();
        try {
            var said = "";
            try (var lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                    log.log(Level.DEBUG, "build: {0}", line);
                    said = line.startsWith(COMPLAINT) ? line.substring(COMPLAINT.length()) : said;
                }
            }
            int code = process.waitFor();
            return new Ending(code, said.isEmpty() ? "its process ended with " + code : said);
        } finally {
            process.destroyForcibly();
        }
    }
}
