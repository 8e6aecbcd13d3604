package io.shusuan.agent.fuzz;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Regions registered, used and given up in any order, with any offsets and sizes. */
public final class SharedMemoryFuzz {
    private static final int FILE_BYTES = 4096;
    private static final int MOST_STEPS = 8;
    private static final String KEY = "/shusuan_fuzz_" + ProcessHandle.current().pid();
    private static final FuzzedAgent AGENT = FuzzedAgent.start();
    private static final HttpClient CLIENT = new HttpClient(AGENT.http());

    static {
        try {
            var file = Files.write(Path.of("/dev/shm" + KEY), new byte[FILE_BYTES]);
            file.toFile().deleteOnExit();
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }

    private SharedMemoryFuzz() {}

    /** Loads this class, and with it the agent, outside of what the fuzzer times. */
    public static void fuzzerInitialize() {
        AGENT.check();
    }

    public static void fuzzerTestOneInput(FuzzedDataProvider data) {
        for (int i = 0; i < MOST_STEPS && data.remainingBytes() > 0; i++) {
            step(data);
            AGENT.check();
        }
        post("unregister", "");
    }

    private static void step(FuzzedDataProvider data) {
        var region = data.consumeBoolean() ? "a" : "b";
        switch (data.consumeInt(0, 3)) {
            case 0 -> post("region/" + region + "/unregister", "");
            case 1 ->
                post(
                        "region/" + region + "/register",
                        "{\"key\":\"" + key(data) + "\",\"offset\":" + number(data) + ",\"byte_size\":" + number(data)
                                + "}");
            default ->
                CLIENT.post(
                        "/v2/models/numbers/infer",
                        "",
                        ("{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"FP32\",\"shape\":[1,4],\"parameters\":"
                                        + place(region, data) + "}],\"outputs\":[{\"name\":\"OUTPUT0\",\"parameters\":"
                                        + place(data.consumeBoolean() ? "a" : "b", data) + "}]}")
                                .getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void post(String path, String body) {
        CLIENT.post("/v2/systemsharedmemory/" + path, "", body.getBytes(StandardCharsets.UTF_8));
    }

    private static String key(FuzzedDataProvider data) {
        return data.consumeBoolean() ? KEY : data.consumeAsciiString(16).replaceAll("[\\p{Cntrl}\"\\\\]", ".");
    }

    private static long number(FuzzedDataProvider data) {
        return data.consumeBoolean() ? data.consumeInt(0, FILE_BYTES + 1) : data.consumeLong();
    }

    private static String place(String region, FuzzedDataProvider data) {
        return "{\"shared_memory_region\":\"" + region + "\",\"shared_memory_offset\":" + number(data)
                + ",\"shared_memory_byte_size\":" + (data.consumeBoolean() ? 16 : number(data)) + "}";
    }
}
