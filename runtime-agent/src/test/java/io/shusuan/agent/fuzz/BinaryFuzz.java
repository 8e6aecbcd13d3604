package io.shusuan.agent.fuzz;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;

/** Tensors as bytes: how long the JSON is said to be, how the body is said to be compressed, and both of them. */
public final class BinaryFuzz {
    private static final String[] CODINGS = {
        "", "", "", "Content-Encoding: gzip\r\n", "Content-Encoding: deflate\r\n", "Accept-Encoding: gzip\r\n"
    };
    private static final String[] PATHS = {
        "/v2/models/numbers/infer", "/v2/models/texts/infer", "/v2/models/types/infer"
    };
    private static final FuzzedAgent AGENT = FuzzedAgent.start();
    private static final HttpClient CLIENT = new HttpClient(AGENT.http());

    private BinaryFuzz() {}

    /** Loads this class, and with it the agent, outside of what the fuzzer times. */
    public static void fuzzerInitialize() {
        AGENT.check();
    }

    public static void fuzzerTestOneInput(FuzzedDataProvider data) {
        var path = data.pickValue(PATHS);
        var coding = data.pickValue(CODINGS);
        long length = data.consumeBoolean() ? data.consumeInt(0, 1024) : data.consumeLong();
        CLIENT.post(
                path, coding + "Inference-Header-Content-Length: " + length + "\r\n", data.consumeRemainingAsBytes());
        AGENT.check();
    }
}
