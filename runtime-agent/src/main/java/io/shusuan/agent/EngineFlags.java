package io.shusuan.agent;

import io.shusuan.agent.engine.bucket.Bucket;
import io.shusuan.agent.engine.bucket.BucketAccess;
import io.shusuan.agent.engine.bucket.BucketPlace;
import io.shusuan.agent.engine.bucket.Patience;
import io.shusuan.agent.engine.build.CacheFolder;
import io.shusuan.agent.engine.build.EngineBucket;
import io.shusuan.agent.engine.build.EngineCache;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/** Reads the flags about where engines are kept that are built. */
final class EngineFlags {
    private static final String FOLDER = "--engine-cache";
    private static final String BUCKET = "--engine-cache-bucket";

    private final CommandLine line;
    private final Map<String, String> environment;

    EngineFlags(CommandLine line, Map<String, String> environment) {
        this.line = line;
        this.environment = environment;
    }

    /** Empty where no engines are built. */
    Optional<EngineCache> read() throws UsageException {
        var folder = line.text(FOLDER);
        int mbytes = line.number("--engine-cache-mbytes", CacheFolder.USUAL_MBYTES, 1, Integer.MAX_VALUE);
        if (folder.filter(name -> name.startsWith("s3://")).isPresent()) {
            throw new UsageException(FOLDER + " is a folder of this machine; the bucket behind it is named by " + BUCKET
                    + "=" + folder.get());
        }
        if (folder.filter("off"::equals).isEmpty()) {
            return Optional.of(CacheFolder.named(folder, environment).open(mbytes, bucket()));
        }
        if (line.text(BUCKET).isPresent()) {
            throw new UsageException(BUCKET + " needs the folder in front of it: leave out " + FOLDER + "=off");
        }
        return Optional.empty();
    }

    private Optional<EngineBucket> bucket() throws UsageException {
        try {
            return line.text(BUCKET)
                    .map(url -> new EngineBucket(
                            new Bucket(BucketPlace.parse(url), BucketAccess.of(environment), Patience.USUAL),
                            Clock.systemUTC()));
        } catch (IllegalArgumentException wrong) {
            throw new UsageException(BUCKET + ": " + wrong.getMessage());
        }
    }
}
