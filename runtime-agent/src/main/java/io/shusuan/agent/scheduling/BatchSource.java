package io.shusuan.agent.scheduling;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where an instance gets its work. */
interface BatchSource {
    /** What an instance got: a batch, or none once there will be no more; and who has waited too long. */
    record Taken(@Nullable Batch batch, List<Waiting> late) {
        static final Taken NOTHING = new Taken(Batch.EMPTY, List.of());
    }

    /** Waits for a batch, whose requests become the caller's, as do those that are late. The batch taken before has been answered. */
    Taken take() throws InterruptedException;

    /** Whether other instances take what this one leaves. */
    default boolean isShared() {
        return false;
    }

    /**
     * Takes a batch without waiting, for an instance that has not answered the one before: an empty one where nothing waits that may leave
     * already. A source whose batches depend on the answers before has none.
     */
    default Taken takeAhead() {
        return Taken.NOTHING;
    }
}
