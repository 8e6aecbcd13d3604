package io.shusuan.scheduler.cluster;

import org.jspecify.annotations.Nullable;

/** How a run stands with the scheduler of the cluster that its job was handed to. */
public sealed interface Standing {

    /**
     * It has not been admitted, or that was taken back: its tasks are not there, or go.
     *
     * @param reason a code that begins with the scheduler's name
     */
    record Waiting(String reason, String sentence) implements Standing {}

    /**
     * It is admitted. A task that has ended badly is begun anew as long as this is so.
     *
     * @param others why some of its tasks wait still, where each is admitted by itself
     */
    record Going(@Nullable Waiting others) implements Standing {

        public static final Going ALL = new Going(null);
    }

    /** It has ended: how, its attempts tell. */
    record Over() implements Standing {}

    /** Tasks of it were taken away that do not come again: the job goes on with its next run, once it is handed over again. */
    record Lost(String sentence) implements Standing {}
}
