package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Attempt.Endpoint;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.Observation;
import io.shusuan.scheduler.spec.SpecReader;
import io.shusuan.scheduler.spec.TaskRole;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Service;
import org.springframework.transaction.event.TransactionalEventListener;

/**
 * Where requests to inference jobs may go. Asked for each request, so kept in memory; a job's entry is dropped with each of
 * its changes, and one second later at the latest.
 */
@Service
public class Replicas {

    private static final long LIFETIME_NANOS = 1_000_000_000L;

    private final SpecReader reader = new SpecReader();
    private final Jobs jobs;
    private final Cluster cluster;
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();

    Replicas(Jobs jobs, Cluster cluster) {
        this.jobs = jobs;
        this.cluster = cluster;
    }

    /** The first port of each ready replica of the first role that listens, as of the Service in Kubernetes; none if the job has no ready one. */
    public record Ready(JobId job, JobState state, List<Endpoint> endpoints) {}

    private record Entry(Optional<Ready> ready, long readAt) {}

    /** Empty if there is no active inference job of that name. */
    public Optional<Ready> of(String jobName) throws ClusterUnavailableException {
        var known = entries.get(jobName);
        if (known != null && System.nanoTime() - known.readAt() < LIFETIME_NANOS) {
            return known.ready();
        }
        var fresh = new Entry(read(jobName), System.nanoTime());
        if (fresh.ready().isPresent()) {
            entries.put(jobName, fresh);
        } else {
            entries.remove(jobName);
        }
        return fresh.ready();
    }

    private Optional<Ready> read(String jobName) throws ClusterUnavailableException {
        var job = jobs.findByName(jobName, JobState.ACTIVE)
                .filter(found -> found.kind().serves())
                .orElse(null);
        if (job == null) {
            return Optional.empty();
        }
        var serving = reader.read(job.spec()).spec().taskRoles().stream()
                .filter(role -> !role.ports().isEmpty())
                .map(TaskRole::name)
                .findFirst()
                .orElse("");
        var endpoints = cluster.observe(job.id())
                .map(observation -> readyEndpoints(serving, observation))
                .orElse(List.of());
        return Optional.of(new Ready(job.id(), job.state(), endpoints));
    }

    private static List<Endpoint> readyEndpoints(String role, Observation observation) {
        return Verdict.newest(observation).values().stream()
                .filter(attempt -> attempt.role().equals(role) && attempt.ready())
                .filter(attempt -> !attempt.endpoints().isEmpty())
                .sorted(Comparator.comparingInt(Attempt::index))
                .map(attempt -> attempt.endpoints().getFirst())
                .toList();
    }

    @TransactionalEventListener
    void changed(JobChanged change) {
        entries.values()
                .removeIf(entry -> entry.ready()
                        .map(ready -> ready.job().equals(change.job()))
                        .orElse(true));
    }
}
