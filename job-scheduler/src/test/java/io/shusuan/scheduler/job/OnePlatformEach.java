package io.shusuan.scheduler.job;

import io.shusuan.db.postgres.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A database and a platform for each test. */
abstract class OnePlatformEach {

    @TempDir
    Path home;

    TestDatabase database;
    TestPlatform platform;

    /** On one machine without GPUs, unless a test wants another cluster. */
    TestPlatform open() {
        return TestPlatform.on(database, home);
    }

    /** Gives back what {@link #open} took beside the platform, which is closed by now. */
    void leave() throws Exception {}

    @BeforeEach
    final void openPlatform() {
        database = TestDatabase.migrated();
        platform = open();
    }

    @AfterEach
    final void closePlatform() throws Exception {
        platform.close();
        database.close();
        leave();
    }
}
