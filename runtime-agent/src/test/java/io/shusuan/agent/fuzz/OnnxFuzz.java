package io.shusuan.agent.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** A model's file, sent with the call that loads it. */
public final class OnnxFuzz {
    private static final FuzzedAgent AGENT = FuzzedAgent.start();
    private static final HttpClient CLIENT = new HttpClient(AGENT.http());

    private OnnxFuzz() {}

    /** Loads this class, and with it the agent, outside of what the fuzzer times. */
    public static void fuzzerInitialize() {
        AGENT.check();
    }

    public static void fuzzerTestOneInput(byte[] data) {
        var body = "{\"parameters\":{\"config\":\"{\\\"backend\\\":\\\"onnxruntime\\\"}\",\"file:1/model.onnx\":\""
                + Base64.getEncoder().encodeToString(data) + "\"}}";
        CLIENT.post("/v2/repository/models/fuzzed/load", "", body.getBytes(StandardCharsets.UTF_8));
        AGENT.check();
    }
}
