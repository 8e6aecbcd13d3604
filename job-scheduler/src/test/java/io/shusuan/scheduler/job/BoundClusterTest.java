package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.training;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shusuan.db.job.JobState;
import io.shusuan.db.postgres.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** A platform that is started with another cluster than before. */
class BoundClusterTest {

    private static void startWith(TestPlatform platform, String cluster) {
        new BoundCluster(
                        new ClusterName(cluster),
                        platform.bean(JdbcClient.class),
                        platform.bean(TransactionTemplate.class))
                .afterPropertiesSet();
    }

    @Test
    void isRefusedWhileJobsHoldResourcesOfTheFormerOne(@TempDir Path home) throws Exception {
        try (var database = TestDatabase.migrated();
                var platform = TestPlatform.on(database, home)) {
            var id = platform.submit(training("held", "exec sleep 1000"));
            platform.reaches(id, JobState.RUNNING);
            assertThatThrownBy(() -> startWith(platform, "kubernetes, platform demo"))
                    .isInstanceOf(OtherClusterException.class)
                    .hasMessage("1 job(s) hold resources of the cluster 'local', and this platform is set to use"
                            + " 'kubernetes, platform demo', where it can neither see nor end them.");
            platform.restart(); // with the same one as before
            assertThat(platform.job(id).state()).isEqualTo(JobState.RUNNING);
            platform.stopAll();
            startWith(platform, "kubernetes, platform demo");
            startWith(platform, "local");
        }
    }
}
