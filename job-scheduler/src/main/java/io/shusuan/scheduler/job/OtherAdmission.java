package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobState;
import io.shusuan.scheduler.cluster.Observation;
import io.shusuan.scheduler.cluster.Standing;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What it means for a job that another scheduler of the cluster has admitted it, has not, or takes that back. */
@Component
class OtherAdmission {

    private final ObservationRecorder recorder;
    private final Evictions evictions;
    private final Clock clock;

    OtherAdmission(ObservationRecorder recorder, Evictions evictions, Clock clock) {
        this.recorder = recorder;
        this.evictions = evictions;
        this.clock = clock;
    }

    /** Whether a job that goes waits from now on: it is not to be judged by its tasks any more. */
    static boolean isTakenBack(@Nullable Standing standing) {
        return standing instanceof Standing.Waiting || standing instanceof Standing.Lost;
    }

    /** As long as it is admitted, a task that was taken away comes again; and those that wait do so for that scheduler. */
    static Verdict judged(Verdict verdict, @Nullable Standing standing) {
        if (!(standing instanceof Standing.Going going)) {
            return verdict;
        }
        return switch (verdict) {
            case Verdict.Failed _ -> Verdict.Starting.ANEW;
            case Verdict.Starting starting
            when going.others() != null ->
                new Verdict.Starting(
                        going.others().reason(),
                        "%s; %s".formatted(starting.sentence(), going.others().sentence()));
            case Verdict.Starting _, Verdict.Running _, Verdict.Succeeded _ -> verdict;
        };
    }

    /**
     * Notes what has become of a job that waits for that scheduler, or that waits again. Inside the caller's transaction.
     *
     * @param known what is written already of what is seen
     */
    void follow(Draft draft, Standing standing, @Nullable Observation known, Observation seen) {
        if (draft.job().state() == JobState.SUSPENDED) {
            await(draft, standing, known, seen);
            return;
        }
        if (!JobState.GOING.contains(draft.job().state())) {
            return; // it was stopped meanwhile
        }
        switch (standing) {
            case Standing.Waiting waiting -> {
                recorder.recordWaiting(draft, known, seen);
                evictions.takenBack(draft, waiting);
            }
            case Standing.Lost lost -> evictions.lost(draft, lost);
            case Standing.Going _, Standing.Over _ -> {}
        }
    }

    private void await(Draft draft, Standing standing, @Nullable Observation known, Observation seen) {
        recorder.recordWaiting(draft, known, seen);
        var job = draft.job();
        switch (standing) {
            case Standing.Waiting waiting -> job.waitsBecause(waiting.reason(), waiting.sentence(), clock.instant());
            case Standing.Going _, Standing.Over _ -> job.resume(clock.instant());
            case Standing.Lost lost -> job.withdraw(lost.sentence(), clock.instant());
        }
    }
}
