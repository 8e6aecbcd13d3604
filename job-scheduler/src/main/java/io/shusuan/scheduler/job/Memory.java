package io.shusuan.scheduler.job;

import io.shusuan.scheduler.cluster.Observation;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What this replica knows of a job that holds resources beside what the database says; whoever schedules next finds it out anew.
 * For the one worker on the job, but for what was seen last, which whoever hears of a change in the cluster asks for.
 */
final class Memory {

    /** How often in a row the cluster could not be asked. */
    private int misses;

    /** How often in a row the cluster did not know the job. */
    private int unseen;

    private @Nullable Instant applied;
    private volatile @Nullable Recorded recorded;

    /** What was seen of the job when it was written last, and how the job was then. */
    private record Recorded(long version, Observation observation) {}

    int missed() {
        return ++misses;
    }

    void reached() {
        misses = 0;
    }

    int notSeen() {
        return ++unseen;
    }

    void seen() {
        unseen = 0;
    }

    /** When its workload was handed to the cluster last; null if that is not known. */
    @Nullable
    Instant applied() {
        return applied;
    }

    void applied(Instant now) {
        applied = now;
    }

    void recorded(long version, Observation observation) {
        recorded = new Recorded(version, observation);
    }

    /** It is told to end: from now on all that is told of it counts, since tasks that go look as they did until they are gone. */
    void ending() {
        recorded = null;
    }

    boolean isRecorded(long version, Observation observation) {
        return new Recorded(version, observation).equals(recorded);
    }

    /** Whether the cluster shows what it showed when the job was written last. */
    boolean isRecorded(Observation observation) {
        var last = recorded;
        return last != null && last.observation().equals(observation);
    }
}
