package io.shusuan.agent.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;

/** A configuration's text. */
public final class ConfigFuzz {
    private static final FuzzedAgent AGENT = FuzzedAgent.start();
    private static final HttpClient CLIENT = new HttpClient(AGENT.http());

    private ConfigFuzz() {}

    /** Loads this class, and with it the agent, outside of what the fuzzer times. */
    public static void fuzzerInitialize() {
        AGENT.check();
    }

    public static void fuzzerTestOneInput(byte[] data) {
        try {
            Files.createDirectories(AGENT.repository().resolve("fuzzed/1"));
            Files.write(AGENT.repository().resolve("fuzzed/config.pbtxt"), data);
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
        CLIENT.post("/v2/repository/models/fuzzed/load", "", new byte[0]);
        AGENT.check();
    }
}
