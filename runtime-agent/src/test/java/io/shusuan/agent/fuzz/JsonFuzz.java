package io.shusuan.agent.fuzz;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;

/** JSON in the body of every call that reads it. */
public final class JsonFuzz {
    private static final String[] PATHS = {
        "/v2/models/numbers/infer",
        "/v2/models/texts/infer",
        "/v2/models/types/infer",
        "/v2/models/numbers/generate",
        "/v2/models/many/generate_stream",
        "/v2/trace/setting",
        "/v2/logging",
        "/v2/repository/index",
        "/v2/repository/models/nope/load",
        "/v2/repository/models/nope/unload",
        "/v2/cudasharedmemory/region/r/register"
    };
    private static final FuzzedAgent AGENT = FuzzedAgent.start();
    private static final HttpClient CLIENT = new HttpClient(AGENT.http());

    private JsonFuzz() {}

    /** Loads this class, and with it the agent, outside of what the fuzzer times. */
    public static void fuzzerInitialize() {
        AGENT.check();
    }

    /** The last byte chooses the path, so that the JSON itself begins a seed. */
    public static void fuzzerTestOneInput(FuzzedDataProvider data) {
        var path = PATHS[data.consumeInt(0, PATHS.length - 1)];
        CLIENT.post(path, "", data.consumeRemainingAsBytes());
        AGENT.check();
    }
}
