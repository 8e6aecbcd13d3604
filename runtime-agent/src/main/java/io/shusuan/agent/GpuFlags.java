package io.shusuan.agent;

import io.shusuan.agent.GpuOptions.WhenLost;
import io.shusuan.agent.backend.tensorrt.PluginLibraries;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The flags about GPUs. */
record GpuFlags(CommandLine line) {
    GpuOptions read() throws UsageException {
        return new GpuOptions(limits(), plugins(), whenLost());
    }

    /** What fraction of a GPU's memory models may take, by its number. */
    private Map<Integer, Double> limits() throws UsageException {
        var limits = new HashMap<Integer, Double>();
        for (var text : line.all("--model-load-gpu-limit")) {
            int colon = text.indexOf(':');
            try {
                int gpu = Integer.parseInt(text.substring(0, Math.max(0, colon)));
                double fraction = Double.parseDouble(text.substring(colon + 1));
                if (gpu >= 0 && fraction > 0 && fraction <= 1) {
                    limits.put(gpu, fraction);
                    continue;
                }
            } catch (NumberFormatException notANumber) {
                // answered below
            }
            throw new UsageException("--model-load-gpu-limit takes GPU:FRACTION, a GPU's number and a fraction of its "
                    + "memory of more than 0 and at most 1, as in 0:0.8, not '" + text + "'");
        }
        return limits;
    }

    private PluginLibraries plugins() throws UsageException {
        var libraries = new ArrayList<Path>();
        var named = new ArrayList<>(line.all("--tensorrt-plugin"));
        for (var setting : line.all("--backend-config")) {
            if (setting.startsWith(LoadFlags.PLUGINS)) {
                named.addAll(
                        List.of(setting.substring(LoadFlags.PLUGINS.length()).split(";", -1)));
            }
        }
        for (var text : named) {
            if (!Files.isRegularFile(Path.of(text))) {
                throw new UsageException("--tensorrt-plugin " + text + " is no file: name a library with plugins");
            }
            libraries.add(Path.of(text).toAbsolutePath());
        }
        var folders = new ArrayList<Path>();
        for (var text : line.all("--tensorrt-plugin-folder")) {
            if (!Files.isDirectory(Path.of(text))) {
                throw new UsageException("--tensorrt-plugin-folder " + text + " is not a folder");
            }
            folders.add(Path.of(text).toAbsolutePath());
        }
        return new PluginLibraries(libraries, folders);
    }

    private WhenLost whenLost() throws UsageException {
        var text = line.text("--gpu-failure-policy").orElse("exit");
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "exit" -> WhenLost.EXIT;
            case "stay" -> WhenLost.STAY;
            default -> throw new UsageException("--gpu-failure-policy is exit or stay, not '" + text + "'");
        };
    }
}
