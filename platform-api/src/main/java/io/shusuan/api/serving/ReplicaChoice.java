package io.shusuan.api.serving;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.db.job.JobName;
import io.shusuan.scheduler.cluster.Attempt.Endpoint;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.job.Replicas;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.springframework.stereotype.Component;

/** Chooses replicas for a request: the ready ones in turn. */
@Component
class ReplicaChoice {

    private final Replicas replicas;
    private final AtomicInteger turn = new AtomicInteger();

    ReplicaChoice(Replicas replicas) {
        this.replicas = replicas;
    }

    /** The ready replicas, the one whose turn it is first. Throws a problem that says why when there is none. */
    List<Endpoint> choose(String job) {
        try {
            var ready = (JobName.isValid(job) ? replicas.of(job) : java.util.Optional.<Replicas.Ready>empty())
                    .orElseThrow(() -> new ProblemException(
                            ProblemKind.NOT_FOUND, "there is no active inference job named '%s'".formatted(job)));
            var endpoints = ready.endpoints();
            if (endpoints.isEmpty()) {
                throw new ProblemException(
                        ProblemKind.NO_REPLICA_READY,
                        "job %s is %s and none of its replicas is ready; see /api/v1/jobs/%s"
                                .formatted(job, ready.state(), ready.job()));
            }
            var first = turn.getAndIncrement();
            return IntStream.range(0, endpoints.size())
                    .mapToObj(i -> endpoints.get(Math.floorMod(first + i, endpoints.size())))
                    .toList();
        } catch (ClusterUnavailableException away) {
            throw new ProblemException(ProblemKind.CLUSTER_UNREACHABLE, away.getMessage());
        }
    }
}
