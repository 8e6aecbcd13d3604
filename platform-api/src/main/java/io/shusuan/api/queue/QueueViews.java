package io.shusuan.api.queue;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.shusuan.db.queue.Queue;
import io.shusuan.scheduler.sharing.QueueSettings;
import io.shusuan.scheduler.sharing.Uses;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the API shows of queues, and takes. */
final class QueueViews {

    private QueueViews() {}

    /** What the jobs of a queue have of a flavour now. */
    @Schema(name = "QueueUse")
    record Use(String flavour, Amounts amount) {}

    /**
     * A queue.
     *
     * @param cohort the group of queues that it lends to and borrows from
     * @param perUser what the jobs of one user may have together
     * @param quotas in the order in which its flavours are tried; if it has none, it may use all that there is
     * @param used what its jobs have now
     */
    @Schema(name = "Queue")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record View(
            String name,
            boolean held,
            Instant createdAt,
            @Nullable String cohort,
            double weight,
            Amounts perUser,
            List<QuotaView> quotas,
            List<Use> used) {

        static View of(Queue queue, QueueSettings settings, Uses uses) {
            return new View(
                    queue.name().value(),
                    queue.held(),
                    queue.createdAt(),
                    settings.cohort() == null ? null : settings.cohort().value(),
                    settings.weight(),
                    Amounts.of(settings.perUser()),
                    settings.quotas().stream().map(QuotaView::of).toList(),
                    uses.of(queue.name()).stream()
                            .map(use -> new Use(use.flavour().value(), Amounts.of(use.amount())))
                            .toList());
        }
    }

    /** What of a queue can be changed. */
    @Schema(name = "QueueSettings")
    record Body(
            @Nullable String cohort,
            @Nullable Double weight,
            @Nullable Amounts perUser,
            @Nullable List<QuotaView> quotas) {}
}
