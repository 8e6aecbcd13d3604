package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.awaiting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.shusuan.db.postgres.TestDatabase;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.support.TransactionTemplate;

/** One replica schedules, and who does not any more writes nothing. */
class LeaseTest {

    private static final Executor THREADS = Thread::startVirtualThread;

    private TestDatabase database;
    private JdbcClient sql;
    private Replica one;
    private Replica other;

    @BeforeEach
    void begin() {
        database = TestDatabase.migrated();
        sql = JdbcClient.create(source());
        one = replica();
        other = replica();
    }

    @AfterEach
    void end() {
        database.close();
    }

    private record Replica(Lease lease, JdbcClient jdbc, LeaderTransaction transaction) {

        void write(String what) {
            jdbc.sql("insert into cohorts (name) values (:name)")
                    .param("name", what)
                    .update();
        }
    }

    private DriverManagerDataSource source() {
        return new DriverManagerDataSource(database.jdbcUrl(), database.user(), database.password());
    }

    private Replica replica() {
        var source = source();
        var jdbc = JdbcClient.create(source);
        var lease = new Lease(jdbc, new SimpleMeterRegistry());
        var transaction = new TransactionTemplate(new DataSourceTransactionManager(source));
        return new Replica(lease, jdbc, new LeaderTransaction(transaction, lease));
    }

    private boolean isWritten(String what) {
        return sql.sql("select count(*) from cohorts where name = :name")
                        .param("name", what)
                        .query(Long.class)
                        .single()
                > 0;
    }

    private void expire() {
        sql.sql("update scheduler_lease set expires_at = '-infinity'").update();
    }

    @Test
    void onlyOneHasItAndKeepsIt() {
        assertThat(one.lease().renew()).isTrue();
        assertThat(other.lease().renew()).isFalse();
        assertThat(one.lease().renew()).isTrue();
        assertThatThrownBy(() -> other.transaction().executeWithoutResult(() -> other.write("no")))
                .isInstanceOf(Lease.LeaseLostException.class);
        one.transaction().executeWithoutResult(() -> one.write("yes"));
        assertThat(isWritten("yes")).isTrue();
        assertThat(isWritten("no")).isFalse();
    }

    @Test
    void whatIsReleasedIsTakenAtOnce() {
        one.lease().renew();
        one.lease().release();
        assertThat(one.lease().isHeld()).isFalse();
        assertThat(other.lease().renew()).isTrue();
    }

    @Test
    void whoDoesNotRenewLosesItWithinItsTimeAndWritesNothingMore() {
        one.lease().renew();
        var begin = System.nanoTime();
        awaiting().until(other.lease()::renew);
        assertThat(System.nanoTime() - begin).isBetween(2_000_000_000L, 5_000_000_000L);
        assertThat(one.lease().isHeld()).isFalse();
        assertThatThrownBy(() -> one.transaction().executeWithoutResult(() -> one.write("late")))
                .isInstanceOf(Lease.LeaseLostException.class);
        assertThat(isWritten("late")).isFalse();
        assertThat(one.lease().renew()).isFalse();
        assertThat(other.lease().token()).isEqualTo(2);
    }

    @Test
    void aTakeoverWaitsForAWriteUnderWay() {
        one.lease().renew();
        var begun = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var write = CompletableFuture.runAsync(
                () -> one.transaction().executeWithoutResult(() -> {
                    one.write("whole");
                    begun.countDown();
                    await(goOn);
                }),
                THREADS);
        await(begun);
        expire();
        var takeover = CompletableFuture.supplyAsync(other.lease()::renew, THREADS);
        awaiting().until(() -> sql.sql("""
                        select count(*) from pg_stat_activity
                         where datname = current_database() and wait_event_type = 'Lock'""").query(Long.class).single() == 1);
        assertThat(takeover).isNotDone();
        goOn.countDown();
        write.join();
        assertThat(takeover.join()).isTrue();
        assertThat(isWritten("whole")).isTrue();
    }

    @Test
    void whoIsStoppedAmidAWriteIsCutOffAndItsWriteIsUndone() {
        one.lease().renew();
        expire();
        assertThatThrownBy(() -> one.transaction().executeWithoutResult(() -> {
                    one.write("half");
                    // Meanwhile the other one takes over; nobody waits longer for it than two seconds.
                    assertThat(CompletableFuture.supplyAsync(other.lease()::renew, THREADS)
                                    .join())
                            .isTrue();
                }))
                .isNotInstanceOf(Lease.LeaseLostException.class);
        assertThat(isWritten("half")).isFalse();
        other.transaction().executeWithoutResult(() -> other.write("mine"));
        assertThat(isWritten("mine")).isTrue();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
