package io.shusuan.agent.protocol;

import io.shusuan.agent.Version;
import java.util.List;

/** What both protocols answer when asked who is there. */
public final class ServerInfo {
    public static final String NAME = "shusuan-agent";

    /** The extensions this server really has. */
    public static final List<String> EXTENSIONS = List.of(
            "classification",
            "model_repository",
            "model_configuration",
            "binary_tensor_data",
            "parameters",
            "statistics");

    private ServerInfo() {}

    public static String version() {
        return Version.current();
    }
}
