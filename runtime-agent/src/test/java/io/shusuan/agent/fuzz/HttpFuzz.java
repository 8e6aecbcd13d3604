package io.shusuan.agent.fuzz;

/** Bytes in place of HTTP. */
public final class HttpFuzz {
    private static final FuzzedAgent AGENT = FuzzedAgent.start();
    private static final HttpClient CLIENT = new HttpClient(AGENT.http());

    private HttpFuzz() {}

    /** Loads this class, and with it the agent, outside of what the fuzzer times. */
    public static void fuzzerInitialize() {
        AGENT.check();
    }

    public static void fuzzerTestOneInput(byte[] data) {
        CLIENT.exchange(data);
        AGENT.check();
    }
}
