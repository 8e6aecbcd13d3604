package io.shusuan.agent.engine.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/** Another process that builds the key "k": it says so, waits for a line, and finishes. */
final class OtherBuilder {
    private OtherBuilder() {}

    @SuppressWarnings("SystemOut") // how it talks to the test
    public static void main(String[] arguments) throws Exception {
        new EngineCache(Path.of(arguments[0]), Long.MAX_VALUE, Clock.systemUTC()).get(new EngineKey("k"), entry -> {
            Files.writeString(entry.resolve("model.plan"), "theirs");
            System.out.println("building");
            if (System.in.read() < 0) {
                throw new IOException("the test is gone");
            }
        });
    }
}
