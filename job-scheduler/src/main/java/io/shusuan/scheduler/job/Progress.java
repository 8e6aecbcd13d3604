package io.shusuan.scheduler.job;

import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Placed;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.Observation;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.springframework.stereotype.Component;

/** What becomes of a job that goes, by what is seen of its tasks. Inside the caller's transaction. */
@Component
class Progress {

    private final Cluster cluster;
    private final ObservationRecorder recorder;
    private final Evictions evictions;
    private final Clock clock;

    Progress(Cluster cluster, ObservationRecorder recorder, Evictions evictions, Clock clock) {
        this.cluster = cluster;
        this.recorder = recorder;
        this.evictions = evictions;
        this.clock = clock;
    }

    /** It was handed to the cluster, and it is not done a second time. */
    void begin(Draft draft, View view) {
        var job = draft.job();
        if (job.state() == JobState.ADMITTED) {
            job.starting(cluster.name(), clock.instant());
            if (view.hasFewerTasks()) {
                recorder.leaveOut(draft, view.asked());
            }
        }
    }

    /**
     * Notes what was seen, and what that means.
     *
     * @param whereabouts where its tasks are
     */
    void follow(Draft draft, View view, Observation seen, Verdict verdict, List<Placed> whereabouts) {
        record(draft, view, seen);
        move(draft.job(), whereabouts);
        follow(draft, verdict);
        endAtLimit(draft.job(), view);
    }

    private void record(Draft draft, View view, Observation seen) {
        var job = draft.job();
        if (job.state() != JobState.ADMITTED) {
            recorder.record(draft, view.memory().recorded(), seen, false);
            return;
        }
        begin(draft, view);
        if (job.run() == 1) {
            recorder.recordFirst(draft, seen);
        } else {
            recorder.record(draft, null, seen, false);
        }
    }

    /** What a job holds is where its tasks are, wherever the cluster was asked to put them. */
    private void move(Job job, List<Placed> seen) {
        if (!Set.copyOf(seen).equals(Set.copyOf(job.placement()))) {
            job.moved(seen, clock.instant());
        }
    }

    private void follow(Draft draft, Verdict verdict) {
        var job = draft.job();
        var now = clock.instant();
        switch (verdict) {
            case Verdict.Starting starting -> {
                var limit = job.state() == JobState.STARTING ? job.tenure().readyBy() : null;
                if (View.isPast(limit, now)) {
                    evictions.clearUnready(draft, "evicted, since it was not ready in time: " + starting.sentence());
                } else {
                    job.progress(starting.reason(), starting.sentence());
                }
            }
            case Verdict.Running _ -> {
                if (job.state() == JobState.STARTING) {
                    job.running(now);
                } else {
                    job.progress(null, null);
                }
            }
            case Verdict.Succeeded succeeded -> job.succeeded(succeeded.begun(), succeeded.ended(), now);
            case Verdict.Failed failed -> job.failing(failed.reason(), failed.sentence(), now);
        }
    }

    /** What has ended by itself in time has not run into its limit, whenever that is seen. */
    private void endAtLimit(Job job, View view) {
        var now = clock.instant();
        if (view.endBy() != null && View.isPast(view.endBy(), now) && JobState.GOING.contains(job.state())) {
            job.failing(
                    "TimeLimitExceeded",
                    "has held its resources for %d seconds, its time limit"
                            .formatted(Duration.between(job.admittedAt(), view.endBy())
                                    .toSeconds()),
                    now);
        }
    }
}
