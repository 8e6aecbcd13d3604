package io.shusuan.scheduler.job;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * The right to schedule, which one replica has at a time. It is a row in the database with a time of expiry by the database's
 * clock; whoever has it renews it each second, and whoever has not tries to take it when it has expired. Each change of the
 * holder makes the token grow, and a transaction of the scheduler begins with {@link #guard}: with an old token it does not
 * begin at all. A takeover waits for the transactions that have begun, and one whose replica was stopped amid it is cut off by
 * the database. So nothing is written by who has lost the lease, whether it knows that or not.
 */
@Component
public class Lease {

    private static final Logger log = LoggerFactory.getLogger(Lease.class);

    static final Duration LIFETIME = Duration.ofSeconds(3);

    /** How long a transaction of the scheduler may do nothing: no takeover waits longer for it. */
    private static final int STALLED_MILLIS = 2000;

    /** How long a statement of it may wait for what another transaction holds. */
    private static final int LOCKED_MILLIS = 2000;

    private final JdbcClient jdbc;
    private final String holder;

    /** What was got by the last success: the token, and until when it is good for certain, by this machine's own clock. */
    private record Held(long token, long untilNanos) {}

    private volatile @Nullable Held held;

    Lease(JdbcClient jdbc, MeterRegistry meters) {
        this.jdbc = jdbc;
        this.holder = "process %d".formatted(ProcessHandle.current().pid());
        Gauge.builder("shusuan.scheduler.leading", this, lease -> lease.isHeld() ? 1 : 0)
                .description("1 where this replica schedules, 0 where it stands by")
                .register(meters);
    }

    /** Renews it, or takes it if nobody has it. Returns whether it is held now. */
    boolean renew() {
        var before = System.nanoTime();
        var mine = held;
        try {
            var token = mine == null ? taken() : renewed(mine.token());
            if (token == null && mine != null) {
                log.warn("another replica schedules now");
            } else if (token != null && mine == null) {
                log.info("this replica schedules now, with token {}", token);
            }
            held = token == null ? null : new Held(token, before + LIFETIME.toNanos());
        } catch (DataAccessException | TransactionException databaseAway) {
            log.debug("the lease cannot be renewed: {}", databaseAway.getMessage());
        }
        return isHeld();
    }

    private @Nullable Long renewed(long token) {
        return jdbc.sql("""
                        update scheduler_lease set expires_at = clock_timestamp() + make_interval(secs => :seconds)
                         where token = :token returning token""")
                .param("seconds", LIFETIME.toSeconds())
                .param("token", token)
                .query(Long.class)
                .optional()
                .orElse(null);
    }

    /** Locked first as only a takeover locks it, which is what {@link #guard} waits for and makes wait. */
    private @Nullable Long taken() {
        return jdbc.sql("""
                        with expired as (select only_row from scheduler_lease where expires_at < clock_timestamp() for update)
                        update scheduler_lease lease
                           set holder = :holder, token = token + 1,
                               expires_at = clock_timestamp() + make_interval(secs => :seconds)
                          from expired where lease.only_row = expired.only_row
                        returning lease.token""")
                .param("holder", holder)
                .param("seconds", LIFETIME.toSeconds())
                .query(Long.class)
                .optional()
                .orElse(null);
    }

    /** Lets another replica have it at once. */
    void release() {
        var mine = held;
        held = null;
        if (mine != null) {
            jdbc.sql("update scheduler_lease set expires_at = '-infinity' where token = :token")
                    .param("token", mine.token())
                    .update();
        }
    }

    /** Whether this replica schedules, as far as it can know without asking. */
    public boolean isHeld() {
        var mine = held;
        return mine != null && System.nanoTime() - mine.untilNanos() < 0;
    }

    /** Which time this replica schedules; another number after each time it did not. 0 while it does not. */
    long token() {
        var mine = held;
        return mine == null ? 0 : mine.token();
    }

    /**
     * The beginning of a transaction of the scheduler.
     *
     * @throws LeaseLostException if another replica schedules
     */
    void guard() {
        var mine = held;
        if (mine == null
                || jdbc.sql("""
                                select set_config('idle_in_transaction_session_timeout', :stalled, true) || set_config('lock_timeout', :locked, true)
                                  from scheduler_lease where token = :token for key share""")
                        .param("stalled", Integer.toString(STALLED_MILLIS))
                        .param("locked", Integer.toString(LOCKED_MILLIS))
                        .param("token", mine.token())
                        .query(String.class)
                        .optional()
                        .isEmpty()) {
            throw new LeaseLostException();
        }
    }

    /** Somebody else schedules: what was about to be written must not be. */
    public static final class LeaseLostException extends RuntimeException {

        private static final long serialVersionUID = 1;

        LeaseLostException() {
            super("another replica schedules");
        }
    }
}
