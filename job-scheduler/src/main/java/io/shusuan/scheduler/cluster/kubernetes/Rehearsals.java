package io.shusuan.scheduler.cluster.kubernetes;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Asks whether pods would be let in, before anything is made of their job. Jobs come in numbers and alike, so what was let in
 * is not asked for again within a minute: whoever changes the rules meanwhile is heard when the pods are made.
 */
final class Rehearsals {

    private static final Duration LIFETIME = Duration.ofMinutes(1);
    private static final int MOST = 1000;

    private final Applier applier;
    private final Clock clock;

    @GuardedBy("letIn")
    private final Map<Likeness, Instant> letIn = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Likeness, Instant> eldest) {
            return size() > MOST;
        }
    };

    Rehearsals(Applier applier, Clock clock) {
        this.applier = applier;
        this.clock = clock;
    }

    /** What the rules of a cluster look at: all but which job it is, what its tasks are told, and the nodes chosen for it. */
    private record Likeness(String namespace, Map<String, String> labels, PodSpec spec) {

        static Likeness of(Pod pod) {
            var labels = new HashMap<>(pod.getMetadata().getLabels());
            Labels.OF_ONE_JOB.forEach(labels::remove);
            List<Container> containers = pod.getSpec().getContainers().stream()
                    .map(each -> new ContainerBuilder(each)
                            .withEnv(each.getEnv().stream().map(Likeness::name).toList())
                            .withCommand()
                            .build())
                    .toList();
            PodSpec spec = new PodSpecBuilder(pod.getSpec())
                    .withAffinity(null)
                    .withTopologySpreadConstraints()
                    .withContainers(containers)
                    .build();
            return new Likeness(pod.getMetadata().getNamespace(), labels, spec);
        }

        private static EnvVar name(EnvVar variable) {
            return new EnvVar(variable.getName(), null, null);
        }
    }

    void require(Pod pod, String role) throws ClusterUnavailableException, ClusterRefusedException {
        var likeness = Likeness.of(pod);
        var now = clock.instant();
        synchronized (letIn) {
            var before = letIn.get(likeness);
            if (before != null && now.isBefore(before.plus(LIFETIME))) {
                return;
            }
        }
        applier.rehearse(pod, role);
        synchronized (letIn) {
            letIn.remove(likeness); // so that it is the newest
            letIn.put(likeness, now);
        }
    }
}
