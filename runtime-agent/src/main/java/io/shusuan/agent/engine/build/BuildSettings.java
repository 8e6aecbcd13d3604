package io.shusuan.agent.engine.build;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What TensorRT's builder is told.
 *
 * @param workspaceMb the memory on the GPU that a layer may use while it runs; 0 for all there is
 * @param optimizationLevel 0 to 5, how long TensorRT looks for the fastest kernels
 * @param versionCompatible whether later versions of TensorRT 11 are to run it, too
 * @param hardwareCompatible whether other GPUs from Ampere on are to run it, too, somewhat slower
 * @param refittable whether its weights can be exchanged
 * @param weightStreaming whether a part of its weights may stay in the host's memory
 */
public record BuildSettings(
        int workspaceMb,
        int optimizationLevel,
        boolean versionCompatible,
        boolean hardwareCompatible,
        boolean refittable,
        boolean weightStreaming,
        List<ShapeProfile> profiles) {
    public static final int USUAL_LEVEL = 3;
    public static final int HIGHEST_LEVEL = 5;

    public BuildSettings {
        profiles = List.copyOf(profiles);
    }

    BuildSettings with(List<ShapeProfile> others) {
        return new BuildSettings(
                workspaceMb,
                optimizationLevel,
                versionCompatible,
                hardwareCompatible,
                refittable,
                weightStreaming,
                others);
    }

    /** The same text for the same settings, and another for others. */
    @Override
    public String toString() {
        return "workspace " + (workspaceMb == 0 ? "all" : workspaceMb + " MB") + ", level " + optimizationLevel
                + (versionCompatible ? ", version compatible" : "")
                + (hardwareCompatible ? ", hardware compatible" : "")
                + (refittable ? ", refittable" : "")
                + (weightStreaming ? ", weight streaming" : "")
                + profiles.stream().map(profile -> ", profile " + profile).collect(Collectors.joining());
    }
}
