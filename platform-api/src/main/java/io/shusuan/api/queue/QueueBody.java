package io.shusuan.api.queue;

import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.queue.quota.Preemption;
import io.shusuan.scheduler.sharing.QueueSettings;
import java.time.Duration;
import tools.jackson.databind.JsonNode;

/** Reads the settings of a queue as the API takes them; the portal's form is turned into the same. */
public final class QueueBody {

    private static final Duration MOST_MINIMUM_RUN = Duration.ofDays(365);
    private static final Duration MOST_GRACE = Duration.ofHours(1);

    private QueueBody() {}

    /** @throws io.shusuan.api.problem.ProblemException that names everything that is wrong */
    public static QueueSettings read(QueueName name, JsonNode json) {
        var body = SettingsReader.read(json, QueueViews.Body.class);
        var reader = new SettingsReader();
        var settings = new QueueSettings(
                name,
                QueueState.OPEN,
                reader.cohort("cohort", body.cohort()),
                reader.weight(body.weight()),
                new Preemption(
                        Boolean.TRUE.equals(body.preemptsLowerPriority()),
                        reader.reclaim(body.reclaim()),
                        Boolean.TRUE.equals(body.preemptsForFairShare()),
                        reader.seconds("minimumRunSeconds", body.minimumRunSeconds(), MOST_MINIMUM_RUN, Duration.ZERO)),
                reader.seconds("graceSeconds", body.graceSeconds(), MOST_GRACE, QueueSettings.USUAL_GRACE),
                reader.readyWithin(body.readyWithinSeconds()),
                reader.limits("perUser", body.perUser()),
                reader.budget("budget", body.budget()),
                reader.idle("idle", body.idle()),
                reader.priorities("priorities", body.priorities()),
                reader.delegate("delegate", body.delegate()),
                reader.quotas(body.quotas()));
        reader.finish();
        return settings;
    }
}
