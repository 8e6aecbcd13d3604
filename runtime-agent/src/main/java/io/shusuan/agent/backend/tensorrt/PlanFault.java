package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.LoadException;
import java.util.Locale;

/**
 * What is wrong with a plan that TensorRT refused. A plan's layout is not public, so it is told by what TensorRT writes to its log; where
 * that says nothing known, its own words stand alone.
 */
enum PlanFault {
    OTHER_VERSION(
            "PLAN_OTHER_VERSION: the plan was built by another version of TensorRT; build it again with this one, or version-compatible. "),
    OTHER_GPU(
            "PLAN_OTHER_GPU: the plan was built for another GPU architecture; build it again on this one, or hardware-compatible. "),
    NO_PLUGIN(
            "PLAN_PLUGIN_MISSING: the plan has a plugin that no library loaded here has; name its library in the parameter plugins, or start the agent with --tensorrt-plugin. "),
    CORRUPT("PLAN_CORRUPT: the file is no plan, is cut off or is damaged; copy or build it again. "),
    NO_MEMORY(
            "PLAN_NO_MEMORY: the GPU has not enough memory left for it; unload another model or use a smaller plan. "),
    UNKNOWN("");

    private final String sentence;

    PlanFault(String sentence) {
        this.sentence = sentence;
    }

    static PlanFault of(String log) {
        var text = log.toLowerCase(Locale.ROOT);
        if (text.contains("version tag does not match")
                || text.contains("not compatible with this version of tensorrt")
                || text.contains("serialized engine version")) {
            return OTHER_VERSION;
        }
        if (text.contains("incompatible device") || text.contains("expecting compute")) {
            return OTHER_GPU;
        }
        if (text.contains("out of memory") || text.contains("outofmemory")) {
            return NO_MEMORY;
        }
        // in the same breath it speaks of an assertion of the deserialisation
        if (text.contains("plugin")
                && (text.contains("not found") || text.contains("not find") || text.contains("cannot find"))) {
            return NO_PLUGIN;
        }
        if (text.contains("magic tag")
                || text.contains("serialization assertion")
                || text.contains("deserialization")
                || text.contains("checksum")
                || text.contains("truncated")) {
            return CORRUPT;
        }
        return UNKNOWN;
    }

    /** Whether a plan was refused for what a new one would not have. */
    static boolean isMendedByBuilding(LoadException refused) {
        return refused.getCause() instanceof NativeException failed
                && switch (of(failed.said())) {
                    case OTHER_VERSION, OTHER_GPU, CORRUPT -> true;
                    case NO_PLUGIN, NO_MEMORY, UNKNOWN -> false;
                };
    }

    /** What to say before TensorRT's own words. */
    String sentence() {
        return sentence;
    }
}
