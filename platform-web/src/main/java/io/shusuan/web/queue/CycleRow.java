package io.shusuan.web.queue;

import io.shusuan.scheduler.replay.CycleJob;
import io.shusuan.scheduler.replay.CycleJob.Named;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a cycle decided about a job, as templates take it.
 *
 * @param kind the key of what became of it
 * @param victims who had to leave for it
 * @param preemptor for whom it had to leave
 * @param position in its queue, if it waited
 */
record CycleRow(
        UUID id,
        String name,
        String kind,
        List<String> nodes,
        List<Named> victims,
        @Nullable Named preemptor,
        int position,
        @Nullable String reason,
        @Nullable String message) {

    static CycleRow of(CycleJob job) {
        var id = job.job().value();
        return switch (job.fate()) {
            case CycleJob.Admitted admitted ->
                new CycleRow(id, job.name(), "ADMITTED", admitted.nodes(), List.of(), null, 0, null, null);
            case CycleJob.Preempts preempts ->
                new CycleRow(id, job.name(), "PREEMPTS", List.of(), preempts.victims(), null, 0, null, null);
            case CycleJob.Leaves leaves ->
                new CycleRow(
                        id,
                        job.name(),
                        leaves.preemptor() == null ? "STOPPED" : "LEAVES",
                        List.of(),
                        List.of(),
                        leaves.preemptor(),
                        0,
                        null,
                        null);
            case CycleJob.Grows _ -> new CycleRow(id, job.name(), "GROWS", List.of(), List.of(), null, 0, null, null);
            case CycleJob.Waits waits ->
                new CycleRow(
                        id,
                        job.name(),
                        "WAITS",
                        List.of(),
                        List.of(),
                        null,
                        waits.position(),
                        waits.shortage().reason().code(),
                        waits.shortage().sentence());
        };
    }
}
