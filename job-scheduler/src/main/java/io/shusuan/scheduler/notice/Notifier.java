package io.shusuan.scheduler.notice;

import io.shusuan.db.job.Job;
import io.shusuan.db.notice.NoticeKind;
import io.shusuan.db.notice.Notices;
import java.time.Clock;
import org.springframework.stereotype.Component;

/** Tells the owners of jobs, inside the caller's transaction. */
@Component
public class Notifier {

    private final Notices notices;
    private final Webhook webhook;
    private final Clock clock;

    Notifier(Notices notices, Webhook webhook, Clock clock) {
        this.notices = notices;
        this.webhook = webhook;
        this.clock = clock;
    }

    public void tell(Job job, NoticeKind kind, String sentence) {
        notices.add(job, kind, sentence, clock.instant(), webhook.isThere());
    }
}
