package io.shusuan.scheduler.job;

import io.shusuan.db.job.Job;
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
     * Writes what has become of a job that waits for that scheduler, or that waits again. Inside the caller's transaction.
     *
     * @param known what is written already of what is seen
     * @return whether that changed anything beside the job's own row
     */
    boolean follow(Job job, Standing standing, @Nullable Observation known, Observation seen) {
        if (job.state() == JobState.SUSPENDED) {
            return await(job, standing, known, seen);
        }
        if (!JobState.GOING.contains(job.state())) {
            return false; // it was stopped meanwhile
        }
        switch (standing) {
            case Standing.Waiting waiting -> {
                recorder.recordWaiting(job, known, seen);
                evictions.takenBack(job, waiting);
            }
            case Standing.Lost lost -> evictions.lost(job, lost);
            case Standing.Going _, Standing.Over _ -> {
                return false;
            }
        }
        return true;
    }

    private boolean await(Job job, Standing standing, @Nullable Observation known, Observation seen) {
        var news = recorder.recordWaiting(job, known, seen);
        switch (standing) {
            case Standing.Waiting waiting -> job.waitsBecause(waiting.reason(), waiting.sentence(), clock.instant());
            case Standing.Going _, Standing.Over _ -> job.resume(clock.instant());
            case Standing.Lost lost -> job.withdraw(lost.sentence(), clock.instant());
        }
        return news;
    }
}
