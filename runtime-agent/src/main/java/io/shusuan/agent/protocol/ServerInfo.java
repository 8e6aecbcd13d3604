package io.shusuan.agent.protocol;

import io.shusuan.agent.Version;
import java.util.List;

/** What both protocols answer when asked who is there. */
public final class ServerInfo {
    /** What a server is called that was given no name. */
    public static final String NAME = "shusuan-agent";

    /** The extensions this server really has. */
    public static final List<String> EXTENSIONS = List.of(
            "classification",
            "sequence",
            "model_repository",
            "model_repository(unload_dependents)",
            "schedule_policy",
            "model_configuration",
            "system_shared_memory",
            "cuda_shared_memory",
            "binary_tensor_data",
            "parameters",
            "statistics",
            "trace",
            "logging");

    private ServerInfo() {}

    public static String version() {
        return Version.current();
    }
}
