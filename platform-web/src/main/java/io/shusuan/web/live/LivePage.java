package io.shusuan.web.live;

import io.shusuan.db.job.JobId;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * One open page. Changes that come while it is shown, or within a short pause after it, are shown together: however many jobs
 * change, a page costs the platform a few views per second at most.
 */
final class LivePage {

    private static final Logger log = LoggerFactory.getLogger(LivePage.class);
    private static final Duration LIFE = Duration.ofMinutes(10); // the browser then opens it anew, logged in or not
    private static final int PAUSE_MILLIS = 300;
    private static final int IDLE_MILLIS = 3000;

    private final SseEmitter emitter = new SseEmitter(LIFE.toMillis());
    private final Semaphore news = new Semaphore(0);
    private final Predicate<JobId> interesting;
    private final LivePages.View view;
    private volatile boolean closed;

    LivePage(Predicate<JobId> interesting, LivePages.View view) {
        this.interesting = interesting;
        this.view = view;
    }

    SseEmitter emitter() {
        return emitter;
    }

    void start(Runnable afterwards) {
        emitter.onCompletion(this::close);
        emitter.onTimeout(this::complete);
        emitter.onError(gone -> close());
        Thread.ofVirtual().name("live-page").start(() -> {
            try {
                run();
            } finally {
                afterwards.run();
                complete();
            }
        });
    }

    private void complete() {
        try {
            emitter.complete();
        } catch (IllegalStateException gone) {
            log.debug("live page was gone before its end: {}", gone.toString());
        }
    }

    private void run() {
        var outlet = new Outlet(emitter);
        try {
            while (!closed) {
                show(outlet);
                Thread.sleep(PAUSE_MILLIS);
                news.tryAcquire(IDLE_MILLIS, TimeUnit.MILLISECONDS);
                news.drainPermits();
            }
        } catch (InterruptedException | Outlet.ClosedException gone) {
            log.debug("live page closed: {}", gone.toString());
        }
    }

    private void show(Outlet outlet) throws Outlet.ClosedException {
        try {
            view.show(outlet);
        } catch (DataAccessException | TransactionException away) {
            // The page shows what it last knew; the next round may find the database back.
            log.debug("live page not refreshed: {}", away.toString());
        }
        outlet.keepAlive();
    }

    void changed(JobId job) {
        if (interesting.test(job)) {
            news.release();
        }
    }

    void close() {
        closed = true;
        news.release();
    }
}
