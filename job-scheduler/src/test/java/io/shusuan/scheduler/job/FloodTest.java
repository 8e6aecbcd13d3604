package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.awaiting;
import static io.shusuan.scheduler.job.TestPlatform.training;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.postgres.TestDatabase;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.sharing.QueueMaker;
import io.shusuan.scheduler.sharing.SharingControl;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** One user submits very much at once, to a queue in which each user has a part. */
class FloodTest {

    private static final int MANY = 1000;

    @Test
    void othersOfTheSameQueueRunMeanwhile(@TempDir Path home) throws Exception {
        try (var platform = TestPlatform.on(TestDatabase.migrated(), home);
                var senders = Executors.newFixedThreadPool(16)) {
            platform.bean(SharingControl.class)
                    .change(
                            QueueMaker.queue("crowded")
                                    .perUser(cores(2))
                                    .owning(Quota.of(FlavourName.DEFAULT, cores(8)))
                                    .make(),
                            false,
                            "root");
            var some = new CountDownLatch(MANY / 4);
            for (var i = 0; i < MANY; i++) {
                var name = "flood-" + i;
                senders.execute(() -> {
                    submit(platform, "ada", name, "exec sleep 1000");
                    some.countDown();
                });
            }
            some.await();
            var bobs = submit(platform, "bob", "modest", "true");
            assertThat(platform.ended(bobs).state()).isEqualTo(JobState.SUCCEEDED);
            awaiting()
                    .untilAsserted(() -> assertThat(count(platform, "state = 'QUEUED' and reason is not null"))
                            .isEqualTo(MANY - 2));
            assertThat(count(platform, "state in ('ADMITTED', 'STARTING', 'RUNNING')"))
                    .isEqualTo(2);
            assertThat(count(platform, "message like '%of the quota of user ada in queue crowded 0 are free%'"))
                    .isPositive();
        }
    }

    private static Limits cores(int cores) {
        return new Limits(1000L * cores, Limits.UNLIMITED, Limits.UNLIMITED);
    }

    private static JobId submit(TestPlatform platform, String owner, String name, String command) {
        var text = training(name, command) + "queue: crowded\n";
        return platform.submissions()
                .submit(new Submission(text.getBytes(UTF_8), "application/yaml", owner, null))
                .id();
    }

    private static long count(TestPlatform platform, String which) {
        return platform.bean(JdbcClient.class)
                .sql("select count(*) from jobs where owner = 'ada' and " + which)
                .query(Long.class)
                .single();
    }
}
