package io.shusuan.api.serving;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.scheduler.cluster.Attempt.Endpoint;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.job.Replicas;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.stereotype.Component;

/** Chooses the replica for a request: the ready ones in turn. */
@Component
class ReplicaChoice {

    private final Replicas replicas;
    private final AtomicInteger turn = new AtomicInteger();

    ReplicaChoice(Replicas replicas) {
        this.replicas = replicas;
    }

    /** Throws a problem that says why when there is nowhere to go. */
    Endpoint choose(String job) {
        try {
            var ready = replicas.of(job)
                    .orElseThrow(() -> new ProblemException(
                            ProblemKind.NOT_FOUND, "there is no active inference job named '%s'".formatted(job)));
            var endpoints = ready.endpoints();
            if (endpoints.isEmpty()) {
                throw new ProblemException(
                        ProblemKind.NO_REPLICA_READY,
                        "job %s is %s and none of its replicas is ready; see /api/v1/jobs/%s"
                                .formatted(job, ready.state(), ready.job()));
            }
            return endpoints.get(Math.floorMod(turn.getAndIncrement(), endpoints.size()));
        } catch (ClusterUnavailableException away) {
            throw new ProblemException(ProblemKind.CLUSTER_UNREACHABLE, away.getMessage());
        }
    }
}
