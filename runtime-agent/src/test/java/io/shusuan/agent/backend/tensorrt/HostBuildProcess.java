package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.engine.command.EngineCommand;
import io.shusuan.agent.engine.command.EngineProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.StandardWatchEventKinds;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code engine …} as a process of its own, with the host engine in TensorRT's place. The folder of its first argument is how a test
 * talks to it: a line in {@code begun} for each build, with the GPUs that it may see, and it goes on when there is a file {@code go}.
 */
final class HostBuildProcess {
    private HostBuildProcess() {}

    /** What an agent runs to build; {@code more} are options of Java's. */
    static EngineProcess talkingThrough(Path folder, String... more) {
        var words = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m"));
        words.addAll(List.of(more));
        words.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                HostBuildProcess.class.getName(),
                folder.toString()));
        return new EngineProcess(words);
    }

    @SuppressWarnings("SystemOut") // what a command prints
    public static void main(String[] arguments) {
        var folder = Path.of(arguments[0]);
        var engine = new HostEngine().whenBuilding(() -> await(folder));
        if (Boolean.getBoolean("wrong")) {
            engine.buildingWrongly();
        }
        var words = List.of(arguments).subList(1, arguments.length);
        System.exit(EngineCommand.run(words, new TensorRtBackend(() -> engine).builds(), System.out, System.err));
    }

    private static void await(Path folder) {
        var go = folder.resolve("go");
        try (var watch = FileSystems.getDefault().newWatchService()) {
            folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            Files.writeString(
                    folder.resolve("begun"),
                    System.getenv().getOrDefault("CUDA_VISIBLE_DEVICES", "all") + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
            while (!Files.exists(go)) {
                watch.take().reset();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
