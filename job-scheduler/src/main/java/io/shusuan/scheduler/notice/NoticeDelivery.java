package io.shusuan.scheduler.notice;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.shusuan.db.notice.Notices;
import io.shusuan.scheduler.job.BackgroundWork;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Sends notices to the platform's address for them, from whichever replica takes them first. One that fails is tried again later and
 * later, and given up at last; it stands in the portal all the same. One whose replica dies amid it is sent once more.
 */
@Component
class NoticeDelivery extends BackgroundWork {

    private static final Logger log = LoggerFactory.getLogger(NoticeDelivery.class);

    private static final int PAUSE_MILLIS = 2000;
    private static final int TRIES = 10;
    private static final Duration FIRST_RETRY = Duration.ofSeconds(15);
    private static final Duration LONGEST_RETRY = Duration.ofHours(1);

    /** Longer than it can take to send one. */
    private static final Duration IN_HAND = Duration.ofMinutes(1);

    private static final Duration KEPT = Duration.ofDays(90);

    private final Notices notices;
    private final Webhook webhook;
    private final Clock clock;
    private final Counter failures;
    private Instant forgotten = Instant.EPOCH;

    NoticeDelivery(Notices notices, Webhook webhook, Clock clock, MeterRegistry meters) {
        super("notices");
        this.notices = notices;
        this.webhook = webhook;
        this.clock = clock;
        this.failures = Counter.builder("shusuan.notices.failed")
                .description("notices that could not be sent, each try counted")
                .register(meters);
    }

    @Override
    protected void work() throws InterruptedException {
        while (true) {
            Thread.sleep(PAUSE_MILLIS);
            run();
        }
    }

    private void run() throws InterruptedException {
        try {
            var sent = webhook.isThere();
            while (sent) {
                sent = sendNext();
            }
            if (clock.instant().isAfter(forgotten.plus(Duration.ofHours(1)))) {
                notices.forget(clock.instant(), KEPT);
                forgotten = clock.instant();
            }
        } catch (DataAccessException | TransactionException databaseAway) {
            log.debug("notices are sent later: {}", databaseAway.getMessage());
        } catch (RuntimeException unexpected) {
            log.warn("notices could not be sent, next try follows", unexpected);
        }
    }

    /** Returns whether there was one. */
    private boolean sendNext() throws InterruptedException {
        var now = clock.instant();
        var due = notices.take(now, now.plus(IN_HAND)).orElse(null);
        if (due == null) {
            return false;
        }
        var id = due.notice().id();
        var why = webhook.send(due.notice());
        if (why == null) {
            notices.delivered(id, clock.instant());
            return true;
        }
        failures.increment();
        var next = retry(due.attempt());
        log.warn(
                "notice {} was not taken at the address of {} ({}): {}",
                id,
                Webhook.PROPERTY,
                why,
                next == null ? "given up" : "tried again at " + next);
        notices.failed(id, next);
        return true;
    }

    /** Twice as long each time; null after the last one. */
    private @Nullable Instant retry(int attempt) {
        if (attempt >= TRIES) {
            return null;
        }
        var wait = FIRST_RETRY.multipliedBy(1L << (attempt - 1));
        return clock.instant().plus(wait.compareTo(LONGEST_RETRY) < 0 ? wait : LONGEST_RETRY);
    }
}
