package io.shusuan.scheduler.cluster;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.Delegate;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Where work runs. Every call may be repeated: names are made from the job's id, so that a platform that was killed
 * anywhere finishes the work once. Calls block and may be made from any thread.
 */
public interface Cluster extends AutoCloseable {

    /** As shown to people: {@code local} or {@code kubernetes}. */
    String name();

    /** What the cluster has, and what others use of it. */
    Capacity capacity() throws ClusterUnavailableException;

    /**
     * Asks whether jobs can be handed to that scheduler here.
     *
     * @throws ClusterRefusedException if it is not installed
     */
    void requireInstalled(Delegate.Scheduler scheduler) throws ClusterUnavailableException, ClusterRefusedException;

    /**
     * Makes the workload exist. One that another scheduler shall admit only becomes known to that. Returns when the cluster has accepted it; what becomes of it is {@link #observe observed}.
     *
     * @throws ClusterRefusedException if this cluster will never run it as it is
     */
    void apply(Workload workload) throws ClusterUnavailableException, ClusterRefusedException;

    /**
     * What is there of a job. Empty only if the cluster has said that nothing is: a training job of which nothing is there
     * any more is failed, so an adapter that does not know yet throws.
     */
    Optional<Observation> observe(JobId job) throws ClusterUnavailableException;

    /**
     * Begins to end a job's tasks: TERM now, KILL after the grace. To be called again at each {@link #onChange change} until
     * {@link #observe} tells that they are gone. Logs stay; those of a former run perhaps only until the run after the next is
     * applied. Nothing of that run is started again; a workload of a later one is.
     */
    void stop(JobId job, Duration grace) throws ClusterUnavailableException;

    /** Takes away what leads to a job that is over and what its tasks were told in secret. What is observed of it stays, and logs. */
    void release(JobId job) throws ClusterUnavailableException;

    /** Removes every trace of a job that has ended, its logs included. */
    void remove(JobId job) throws ClusterUnavailableException;

    /** Every job the cluster holds something of, ended ones included. */
    Set<JobId> jobs() throws ClusterUnavailableException;

    /**
     * Has a node take work or not. Whoever else looks after the cluster sees it there and may undo it.
     *
     * @throws ClusterRefusedException if nodes cannot be closed here
     */
    void setMode(String node, NodeMode mode) throws ClusterUnavailableException, ClusterRefusedException;

    /** The nodes that are {@link NodeMode#DRAINING}. */
    Set<String> draining() throws ClusterUnavailableException;

    /**
     * Opens the output of one attempt.
     *
     * @throws IllegalArgumentException if the query's cursor is none that this cluster gives
     */
    LogReader logs(JobId job, String attemptUid, LogQuery query) throws ClusterUnavailableException;

    /**
     * Begins to tell of jobs, which may be many; of its capacity a cluster tells from its beginning. Until then it does not know any, and
     * says so.
     */
    void watchJobs();

    /** Calls the listener, soon and at least once, after anything about a job has changed. */
    void onChange(Consumer<JobId> listener);

    /** Whether the calls above are answered, and if not since when and why. */
    ClusterHealth health();

    @Override
    void close();

    /** How long tasks have between TERM and KILL when their end is wanted. */
    Duration DEFAULT_GRACE = Duration.ofSeconds(10);
}
