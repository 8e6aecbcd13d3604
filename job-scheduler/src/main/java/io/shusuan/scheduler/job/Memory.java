package io.shusuan.scheduler.job;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.shusuan.scheduler.cluster.Observation;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What this replica knows of a job that holds resources beside what the database says; whoever schedules next finds it out anew.
 * For the one worker on the job, but for what was seen last, which whoever hears of a change in the cluster asks for, and for
 * changes made elsewhere, which whoever hears of them notes.
 */
final class Memory {

    /** How often in a row the cluster could not be asked. */
    private int misses;

    /** How often in a row the cluster did not know the job. */
    private int unseen;

    private @Nullable Instant applied;
    private volatile @Nullable Recorded recorded;

    @GuardedBy("this")
    private @Nullable Written written;

    /** How often somebody else has changed the job. */
    @GuardedBy("this")
    private int changes;

    /** The job as it was written last, good for a while. */
    private record Written(View view, long token, Instant until) {}

    /** What was seen of the job when it was written last, and how the job was then. */
    private record Recorded(long version, Observation observation) {}

    synchronized int changes() {
        return changes;
    }

    synchronized void changedElsewhere() {
        changes++;
        written = null;
    }

    /**
     * Notes how the job is, unless somebody has changed it since then.
     *
     * @param moment from before it was read to be written
     */
    synchronized void remember(View view, Views.Moment moment, Instant until) {
        written = moment.changes() == changes ? new Written(view, moment.token(), until) : null;
    }

    /** The job as it was written last, if that was of late and as the replica that schedules since then. */
    synchronized @Nullable View view(long token, Instant now) {
        if (written != null && (written.token() != token || !now.isBefore(written.until()))) {
            written = null;
        }
        return written == null ? null : written.view();
    }

    synchronized boolean remembers(View view) {
        return written != null && written.view().equals(view);
    }

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

    /** What was seen of the job when it was written last; nothing if that is not known. */
    @Nullable
    Observation recorded() {
        var last = recorded;
        return last == null ? null : last.observation();
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
