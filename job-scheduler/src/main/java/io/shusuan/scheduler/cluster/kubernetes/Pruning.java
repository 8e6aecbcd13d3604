package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.List;
import java.util.Map;

/** Takes away of objects what is never read of them: there are tens of thousands, and what is left fits into memory. */
final class Pruning {

    private Pruning() {}

    /** Which tasks it has, whether it goes, and how it ended: what its pods are like is asked of the pods. */
    static Job job(Job job) {
        bare(job);
        job.getSpec().setSelector(null);
        job.getSpec().getTemplate().setSpec(null);
        job.getSpec().getTemplate().getMetadata().setLabels(Map.of());
        return job;
    }

    /** Which task it is, and how it goes. */
    static Pod ownPod(Pod pod) {
        pod.getMetadata().setOwnerReferences(List.of());
        withoutWhatContainersAreTold(pod);
        return pod;
    }

    /** What it takes of its node. */
    static Pod otherPod(Pod pod) {
        bare(pod);
        pod.setStatus(null);
        pod.getMetadata().setLabels(Map.of());
        withoutWhatContainersAreTold(pod);
        return pod;
    }

    private static void bare(HasMetadata object) {
        object.getMetadata().setAnnotations(Map.of());
        object.getMetadata().setOwnerReferences(List.of());
    }

    private static void withoutWhatContainersAreTold(Pod pod) {
        var spec = pod.getSpec();
        spec.setVolumes(List.of());
        spec.setAffinity(null);
        spec.setTolerations(List.of());
        spec.setSecurityContext(null);
        spec.getInitContainers().forEach(Pruning::prune);
        spec.getContainers().forEach(Pruning::prune);
    }

    private static void prune(Container container) {
        container.setEnv(List.of());
        container.setArgs(List.of());
        container.setCommand(List.of());
        container.setVolumeMounts(List.of());
        container.setLivenessProbe(null);
        container.setReadinessProbe(null);
        container.setStartupProbe(null);
        container.setSecurityContext(null);
    }
}
