package io.shusuan.api.queue;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.shusuan.db.queue.Delegate;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** The scheduler that admits the jobs of a queue in the place of the platform: one of them. */
@Schema(name = "Delegate", example = "{\"kueue\": {\"localQueue\": \"team-a\"}}")
@JsonInclude(JsonInclude.Include.NON_NULL)
record DelegateView(
        @Nullable Kueue kueue,
        @Nullable ItsQueue volcano,
        @Nullable ItsQueue kai) {

    /** @param localQueue its name, in the namespace of the queue's jobs */
    @Schema(name = "KueueDelegate")
    record Kueue(@Nullable String localQueue) {}

    /** @param queue the name of the scheduler's Queue */
    @Schema(name = "QueueDelegate")
    record ItsQueue(@Nullable String queue) {}

    static DelegateView of(Delegate delegate) {
        return switch (delegate.scheduler()) {
            case KUEUE -> new DelegateView(new Kueue(delegate.queue()), null, null);
            case VOLCANO -> new DelegateView(null, new ItsQueue(delegate.queue()), null);
            case KAI -> new DelegateView(null, null, new ItsQueue(delegate.queue()));
        };
    }
}
