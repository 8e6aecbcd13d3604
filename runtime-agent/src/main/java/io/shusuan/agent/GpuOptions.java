package io.shusuan.agent;

import io.shusuan.agent.backend.tensorrt.PluginLibraries;
import java.util.Map;

/**
 * What an agent does with its GPUs.
 *
 * @param limits what fraction of a GPU's memory models may take, where it is not the usual one
 * @param plugins the libraries with plugins of TensorRT's
 * @param whenLost what follows when a GPU can be used no more
 */
public record GpuOptions(Map<Integer, Double> limits, PluginLibraries plugins, WhenLost whenLost) {
    static final GpuOptions USUAL = new GpuOptions(Map.of(), PluginLibraries.NONE, WhenLost.EXIT);

    public GpuOptions {
        limits = Map.copyOf(limits);
    }

    /** Only another process can use a GPU again that was lost to this one. */
    public enum WhenLost {
        /** What can be answered is, then the agent ends, to be started again. */
        EXIT,
        /** All that is not on that GPU is served on. */
        STAY
    }
}
