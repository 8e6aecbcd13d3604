package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.Delegate;
import io.shusuan.scheduler.cluster.Standing;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.cluster.kubernetes.Conditions.Condition;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Volcano, as whoever hands jobs to it sees it. */
final class Volcano extends PodGroupScheduler {

    static final String GROUP = "scheduling.volcano.sh";
    static final String VERSION = "v1beta1";

    Volcano(ApiServer api, KubernetesSettings settings, Consumer<JobId> changed, Runnable cameOrWent, Clock clock) {
        super(
                Delegate.Scheduler.VOLCANO,
                "volcano",
                "scheduling.k8s.io/group-name",
                GROUP,
                VERSION,
                api,
                settings,
                changed,
                cameOrWent,
                clock);
    }

    @Override
    void mark(PodTemplateSpec template, Delegate to) {
        // Its group says all the rest.
    }

    /** It lets a group into its queue when there is room for this much. */
    @Override
    void describe(Map<String, Object> spec, Workload workload) {
        spec.put("minResources", PodTemplates.quantities(workload.spec().total()));
    }

    @Override
    Standing.Waiting why(GenericKubernetesResource group, List<Pod> pods) {
        var unschedulable = Conditions.of(group, "Unschedulable").filter(Condition::holds);
        if (unschedulable.isPresent()) {
            String reason = unschedulable.get().reason();
            return waits(
                    reason.isEmpty() ? "Unschedulable" : reason,
                    "waits in Volcano: %s; its position there is not known here"
                            .formatted(unschedulable.get().message()));
        }
        if ("Inqueue".equals(group.get("status", "phase"))) {
            return waits("Inqueue", "Volcano has let it into its queue, and has not given it nodes yet");
        }
        return group.get("status", "phase") == null
                ? waits(
                        "Unnoticed",
                        "waits for Volcano, which has taken no notice of it yet: its scheduler may be away")
                : waits("Pending", "waits in Volcano, which has not let it into its queue yet");
    }

    @Override
    String prefix() {
        return "Volcano";
    }
}
