package io.shusuan.scheduler.job;

import io.shusuan.db.job.Job;
import io.shusuan.db.job.Placed;
import io.shusuan.db.queue.Queue;
import io.shusuan.db.queue.QueueState;
import io.shusuan.db.queue.Queues;
import io.shusuan.scheduler.cluster.Observation;
import io.shusuan.scheduler.job.Draft.AllTasks;
import io.shusuan.scheduler.queue.Hold;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** What becomes of a job that was to end, now that nothing of it lives: its end, or its place in the line. */
@Component
class Endings {

    /** The clocks of nodes are believed to differ by less. */
    private static final Duration CLOCKS_DIFFER = Duration.ofSeconds(30);

    private final ObservationRecorder recorder;
    private final Queues queues;
    private final Clock clock;

    Endings(ObservationRecorder recorder, Queues queues, Clock clock) {
        this.recorder = recorder;
        this.queues = queues;
        this.clock = clock;
    }

    /**
     * Notes what was seen of a job that ends, inside the caller's transaction.
     *
     * @param seen nothing, if the cluster has nothing of it
     */
    void follow(Draft draft, Optional<Observation> seen, boolean alive) {
        seen.ifPresent(observation -> recorder.record(draft, null, observation, true));
        if (!alive) {
            end(draft, seen.orElse(Observation.NOTHING).ofRun(draft.job().run()));
        }
    }

    private void end(Draft draft, Observation seen) {
        var job = draft.job();
        if (!job.isEvicted()) {
            draft.allTasks(AllTasks.SETTLE); // whatever was seen last, no task is under way any more
            job.stopped(Verdict.ended(seen), clock.instant());
        } else if (Verdict.of(job.kind(), tasks(job), seen) instanceof Verdict.Succeeded done && wasDone(job, done)) {
            job.succeeded(done.begun(), done.ended(), clock.instant());
        } else {
            draft.allTasks(AllTasks.RESET); // until it begins anew some day
            requeue(job);
        }
    }

    private static int tasks(Job job) {
        return Placed.tasks(job.placement());
    }

    /**
     * Whether it had done all its work before it was told to leave, which nobody had seen yet. One that ends well when it is told
     * may only have saved its work.
     */
    private static boolean wasDone(Job job, Verdict.Succeeded done) {
        var evicted = job.tenure().evictedAt();
        return done.ended() != null && evicted != null && done.ended().isBefore(evicted.minus(CLOCKS_DIFFER));
    }

    private void requeue(Job job) {
        job.requeue(clock.instant());
        queues.findById(job.queue().value())
                .map(Queue::state)
                .filter(state -> state != QueueState.OPEN)
                .map(state -> Hold.closed(job.queue(), state))
                .ifPresent(hold -> job.waitsBecause(hold.reason().code(), hold.sentence(), clock.instant()));
    }
}
