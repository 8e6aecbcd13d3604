package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.Delegate;
import io.shusuan.scheduler.cluster.Standing;
import io.shusuan.scheduler.cluster.Workload;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * KAI, as whoever hands jobs to it sees it. Its pod grouper makes groups of its own, in which each pod of a Job could begin alone; from
 * KAI 0.15 on it leaves alone what says so.
 */
final class Kai extends PodGroupScheduler {

    static final String GROUP = "scheduling.run.ai";
    static final String VERSION = "v2alpha2";

    private static final String QUEUE = "kai.scheduler/queue";
    private static final String GROUPED_ALREADY = "kai.scheduler/skip-podgrouper";

    Kai(ApiServer api, KubernetesSettings settings, Consumer<JobId> changed, Runnable cameOrWent, Clock clock) {
        super(
                Delegate.Scheduler.KAI,
                "kai-scheduler",
                "pod-group-name",
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
        Labels.add(template, Map.of(QUEUE, to.queue()));
        Labels.annotate(template, Map.of(GROUPED_ALREADY, "true"));
    }

    @Override
    void describe(Map<String, Object> spec, Workload workload) {
        // It counts what the pods ask for.
    }

    @Override
    Standing.Waiting why(GenericKubernetesResource group, List<Pod> pods) {
        var other = otherGroup(group, pods);
        if (other.isPresent()) {
            return waits(
                    "Regrouped",
                    "KAI has put its tasks into a group of its own (%s), in which they do not begin together: queues can be handed to KAI 0.15 or newer; stop this job, and have an administrator take the queue back from it"
                            .formatted(other.get()));
        }
        return Conditions.list(group, "status", "schedulingConditions")
                .filter(each -> "True".equals(each.get("status")))
                .reduce((_, last) -> last)
                .map(this::why)
                .orElseGet(
                        () -> waits(
                                "Unnoticed",
                                "waits for KAI, which has said nothing of it yet: its scheduler may be away, or not know the Queue"));
    }

    private Standing.Waiting why(Map<?, ?> condition) {
        List<Map<?, ?>> reasons = condition.get("reasons") instanceof List<?> list
                ? list.stream()
                        .filter(Map.class::isInstance)
                        .<Map<?, ?>>map(each -> (Map<?, ?>) each)
                        .toList()
                : List.of();
        String reason = reasons.stream()
                .map(each -> Conditions.text(each, "reason"))
                .filter(each -> !each.isEmpty())
                .findFirst()
                .orElse(Objects.toString(condition.get("reason"), "Unschedulable"));
        String said = reasons.stream()
                .map(each -> Conditions.text(each, "message"))
                .filter(each -> !each.isEmpty())
                .distinct()
                .collect(Collectors.joining("; "));
        return waits(
                reason,
                "waits in KAI: %s; its position there is not known here"
                        .formatted(said.isEmpty() ? Conditions.text(condition, "message") : said));
    }

    @Override
    String prefix() {
        return "Kai";
    }
}
