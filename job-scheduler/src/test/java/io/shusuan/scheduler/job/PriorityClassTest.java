package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.awaiting;
import static io.shusuan.scheduler.job.TestPlatform.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import io.shusuan.db.queue.PriorityClass;
import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.db.queue.PriorityClasses;
import io.shusuan.scheduler.sharing.PriorityControl;
import io.shusuan.scheduler.sharing.SharingRefusedException;
import io.shusuan.scheduler.spec.FaultCode;
import io.shusuan.scheduler.spec.SpecException;
import java.util.Objects;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Jobs whose priority has a name, on a machine with 16 cores. */
class PriorityClassTest extends OnePlatformEach {

    private static final String WAIT = "exec sleep 1000";
    private static final PriorityClassName PROD = new PriorityClassName("prod");
    private static final PriorityClassName TEST = new PriorityClassName("test");

    @Override
    TestPlatform open() {
        return TestPlatform.on(database, home);
    }

    private PriorityControl control() {
        return platform.bean(PriorityControl.class);
    }

    private int worth(PriorityClassName name, int value) {
        return control().change(new PriorityClass(name, value, null));
    }

    private JobId submit(String name, PriorityClassName priority, String command) {
        return platform.submit("priorityClass: %s\n".formatted(priority) + text(name, "training", 16, command));
    }

    @Test
    void whoIsOfAClassHasItsPriorityAndMovesWithIt() {
        worth(PROD, 100);
        worth(TEST, 10);
        var first = submit("first", PROD, WAIT);
        platform.reaches(first, JobState.RUNNING);
        assertThat(platform.job(first).priority()).isEqualTo(100);
        var second = submit("second", PROD, WAIT);
        var third = submit("third", TEST, WAIT);
        platform.waitsBecause(second, "WaitingForCapacity");
        platform.waitsBecause(third, "WaitingForTurn");

        assertThat(worth(TEST, 200)).isOne();

        assertThat(platform.job(third).priority()).isEqualTo(200);
        assertThat(platform.job(third).priorityClass()).isEqualTo(TEST);
        platform.waitsBecause(
                third, "WaitingForCapacity"); // it is the first now, and has been promised what becomes free
        platform.control().stop(first, "ada");
        platform.reaches(third, JobState.RUNNING);
        assertThat(platform.job(second).state()).isEqualTo(JobState.QUEUED);
    }

    @Test
    void aClassThatIsUsedStaysUntilItsJobsHaveEnded() {
        worth(PROD, 100);
        var first = submit("first", PROD, WAIT);
        platform.reaches(first, JobState.RUNNING);
        var second = submit("second", PROD, "true");

        assertThatThrownBy(() -> control().remove(PROD))
                .isInstanceOfSatisfying(
                        SharingRefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(SharingRefusedException.Cause.STILL_USED))
                .hasMessageStartingWith("1 job(s) that wait and 1 that have resources are of priority class prod");

        platform.control().stop(first, "ada");
        platform.ended(second);
        control().remove(PROD);
        assertThat(control().all()).isEmpty();
        assertThat(platform.job(second).priorityClass()).isEqualTo(PROD);
        assertThatThrownBy(() -> control().remove(PROD)).hasMessage("there is no priority class 'prod'");
    }

    @Test
    void aNameThatThereIsNotIsToldAtItsPlace() {
        worth(PROD, 100);
        worth(TEST, 10);
        assertThatThrownBy(() -> submit("first", new PriorityClassName("prd"), WAIT))
                .isInstanceOfSatisfying(SpecException.class, wrong -> {
                    var fault = wrong.faults().getFirst();
                    assertThat(fault.code()).isEqualTo(FaultCode.UNKNOWN_REFERENCE);
                    assertThat(fault.line()).isOne();
                    assertThat(fault.column()).isEqualTo(16);
                    assertThat(fault.allowed()).isEqualTo("prod, test");
                    assertThat(fault.suggestion()).isEqualTo("prod");
                });
    }

    @Test
    void nobodyIsStoredWithAValueThatIsOutOfDate() throws Exception {
        worth(PROD, 100);
        var classes = platform.bean(PriorityClasses.class);
        var transaction = platform.bean(TransactionTemplate.class);
        var jdbc = platform.bean(JdbcClient.class);
        try (var others = Executors.newVirtualThreadPerTaskExecutor()) {
            var change = transaction.execute(status -> {
                assertThat(classes.value(PROD)).hasValue(100); // as a submission does that is under way
                var later = others.submit(() -> worth(PROD, 200));
                awaiting()
                        .pollInSameThread()
                        .until(() -> jdbc.sql("select count(*) > 0 from pg_locks where not granted")
                                .query(Boolean.class)
                                .single());
                submit("first", PROD, WAIT);
                return later;
            });
            assertThat(Objects.requireNonNull(change).get()).isOne();
        }
        var first =
                platform.bean(Jobs.class).findByName("first", JobState.ACTIVE).orElseThrow();
        assertThat(first.priority()).isEqualTo(200);
    }
}
