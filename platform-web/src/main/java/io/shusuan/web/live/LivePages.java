package io.shusuan.web.live;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.job.JobChanged;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** The live pages that are open now. */
@Component
public class LivePages {

    private static final int MAX_OPEN = 2000;

    private final Set<LivePage> open = ConcurrentHashMap.newKeySet();

    /** Sends a view again and again; the outlet lets through only what changed. */
    @FunctionalInterface
    public interface View {
        void show(Outlet outlet) throws Outlet.ClosedException;
    }

    /** Opens a stream that shows a view whenever a job changes that it is interested in. */
    public SseEmitter open(Predicate<JobId> interesting, View view) {
        if (open.size() >= MAX_OPEN) {
            throw new ResponseStatusException(HttpStatus.SERVICE_UNAVAILABLE, "too many live pages are open");
        }
        var page = new LivePage(interesting, view);
        open.add(page);
        page.start(() -> open.remove(page));
        return page.emitter();
    }

    @TransactionalEventListener(fallbackExecution = true)
    void changed(JobChanged change) {
        open.forEach(page -> page.changed(change.job()));
    }

    /** Before the web server begins to wait for open requests. */
    @EventListener
    void closing(ContextClosedEvent closing) {
        open.forEach(LivePage::close);
    }
}
