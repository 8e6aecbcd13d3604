package io.shusuan.scheduler.job;

import io.shusuan.db.postgres.TestDatabase;
import io.shusuan.scheduler.cluster.kubernetes.RealCluster;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A platform for each test, on an API server where the test plays the kubelet. */
abstract class OnRealNodes {

    @TempDir
    Path home;

    RealCluster real;
    TestPlatform platform;
    private TestDatabase database;

    @BeforeEach
    void start() {
        real = new RealCluster();
        database = TestDatabase.migrated();
        platform = TestPlatform.on(database, home, real);
        TestPlatform.awaiting().until(() -> platform.cluster().jobs() != null); // until it knows what there is
    }

    @AfterEach
    void end() throws Exception {
        platform.close();
        database.close();
        real.close();
    }
}
