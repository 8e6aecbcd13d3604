package io.shusuan.api.observation;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.Delegate;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterHealth;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.LogQuery;
import io.shusuan.scheduler.cluster.LogReader;
import io.shusuan.scheduler.cluster.NodeMode;
import io.shusuan.scheduler.cluster.Observation;
import io.shusuan.scheduler.cluster.Workload;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Takes the time of each call to a cluster, by what was called and how it ended. */
final class TimedCluster implements Cluster {

    private final Cluster cluster;
    private final Supplier<MeterRegistry> meters;

    /** The registry is asked for at the first call: clusters are made before meters. */
    TimedCluster(Cluster cluster, Supplier<MeterRegistry> meters) {
        this.cluster = cluster;
        this.meters = meters;
    }

    @Override
    public String name() {
        return cluster.name();
    }

    @Override
    public Capacity capacity() throws ClusterUnavailableException {
        return timed("capacity", cluster::capacity);
    }

    @Override
    public void apply(Workload workload) throws ClusterUnavailableException, ClusterRefusedException {
        var start = Timer.start();
        var outcome = "unavailable";
        try {
            cluster.apply(workload);
            outcome = "ok";
        } catch (ClusterRefusedException refused) {
            outcome = "refused";
            throw refused;
        } finally {
            stop(start, "apply", outcome);
        }
    }

    @Override
    public Optional<Observation> observe(JobId job) throws ClusterUnavailableException {
        return timed("observe", () -> cluster.observe(job));
    }

    @Override
    public void stop(JobId job, Duration grace) throws ClusterUnavailableException {
        timed("stop", () -> {
            cluster.stop(job, grace);
            return true;
        });
    }

    @Override
    public void release(JobId job) throws ClusterUnavailableException {
        timed("release", () -> {
            cluster.release(job);
            return true;
        });
    }

    @Override
    public void remove(JobId job) throws ClusterUnavailableException {
        timed("remove", () -> {
            cluster.remove(job);
            return true;
        });
    }

    @Override
    public Set<JobId> jobs() throws ClusterUnavailableException {
        return timed("jobs", cluster::jobs);
    }

    @Override
    public void requireInstalled(Delegate.Scheduler scheduler)
            throws ClusterUnavailableException, ClusterRefusedException {
        cluster.requireInstalled(scheduler);
    }

    @Override
    public void setMode(String node, NodeMode mode) throws ClusterUnavailableException, ClusterRefusedException {
        cluster.setMode(node, mode);
    }

    @Override
    public Set<String> draining() throws ClusterUnavailableException {
        return cluster.draining();
    }

    @Override
    public LogReader logs(JobId job, String attemptUid, LogQuery query) throws ClusterUnavailableException {
        return timed("logs", () -> cluster.logs(job, attemptUid, query));
    }

    @Override
    public void watchJobs() {
        cluster.watchJobs();
    }

    @Override
    public void onChange(Consumer<JobId> listener) {
        cluster.onChange(listener);
    }

    @Override
    public ClusterHealth health() {
        return cluster.health();
    }

    @Override
    public void close() {
        cluster.close();
    }

    private interface Call<T> {
        T make() throws ClusterUnavailableException;
    }

    private <T> T timed(String call, Call<T> made) throws ClusterUnavailableException {
        var start = Timer.start();
        var outcome = "unavailable";
        try {
            var result = made.make();
            outcome = "ok";
            return result;
        } catch (IllegalArgumentException refused) { // a place in an output that is none
            outcome = "refused";
            throw refused;
        } finally {
            stop(start, call, outcome);
        }
    }

    private void stop(Timer.Sample start, String call, String outcome) {
        start.stop(Timer.builder("shusuan.cluster.calls")
                .description("time of calls to the cluster")
                .tag("cluster", cluster.name())
                .tag("call", call)
                .tag("outcome", outcome)
                .publishPercentileHistogram()
                .register(meters.get()));
    }
}
