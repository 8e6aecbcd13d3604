package io.shusuan.agent.engine.build;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/** Where engines are kept. */
public record CacheFolder(Path path) {
    public static final int USUAL_MBYTES = 65_536;

    /** The folder that was named, else one in the user's cache. */
    public static CacheFolder named(Optional<String> given, Map<String, String> environment) {
        return new CacheFolder(given.map(Path::of).orElseGet(() -> unnamed(environment)));
    }

    private static Path unnamed(Map<String, String> environment) {
        var caches = environment.get("XDG_CACHE_HOME");
        var home = environment.getOrDefault("HOME", System.getProperty("user.home"));
        return (caches == null || caches.isBlank() ? Path.of(home, ".cache") : Path.of(caches))
                .resolve("shusuan")
                .resolve("engines");
    }

    /** Nothing is written before something is built. */
    public EngineCache open(int mbytes, Optional<EngineBucket> bucket) {
        return new EngineCache(path, (long) mbytes << 20, Clock.systemUTC(), bucket);
    }
}
