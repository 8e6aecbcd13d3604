package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSchedulingGate;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyBuilder;
import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.Delegate;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.Standing;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.cluster.kubernetes.Conditions.Condition;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Kueue, as whoever hands jobs to it sees it. A job with one task role is a suspended Job with the name of a LocalQueue, which Kueue
 * resumes and suspends. One with several is a group of pods, since Kueue admits each Job for itself: they are made at
 * once and gated, and Kueue opens the gates of all of them together. What Kueue thinks of either stands in a Workload that it makes.
 */
final class Kueue implements AutoCloseable {

    static final String GROUP = "kueue.x-k8s.io";
    static final String QUEUE_NAME = GROUP + "/queue-name";
    static final String POD_GROUP_NAME = GROUP + "/pod-group-name";
    static final String POD_GROUP_TOTAL_COUNT = GROUP + "/pod-group-total-count";
    static final String GATE = GROUP + "/admission";

    /** A pod of a group that Kueue takes back has it as a condition; the Job then makes another, which waits at its gate. */
    private static final String TAKEN_BACK = "TerminationTarget";

    /** So many kinds of pods a group may have. */
    private static final int MOST_ROLES = 8;

    private final WatchedObjects watched;
    private final Consumer<JobId> changed;
    private final OptionalKind workloads;

    Kueue(ApiServer api, KubernetesSettings settings, WatchedObjects watched, Consumer<JobId> changed, Clock clock) {
        this.watched = watched;
        this.changed = changed;
        this.workloads = new OptionalKind(
                api,
                settings,
                GROUP,
                "Workload",
                "workloads",
                Kueue::withoutPods,
                (workload, _) -> job(workload).ifPresent(changed),
                this::cameOrWent,
                clock);
    }

    OptionalKind workloads() {
        return workloads;
    }

    private void cameOrWent() {
        watched.jobs
                .all()
                .filter(each -> Labels.isDelegated(each, Delegate.Scheduler.KUEUE))
                .flatMap(each -> Labels.job(each).stream())
                .distinct()
                .forEach(changed);
    }

    private static GenericKubernetesResource withoutPods(GenericKubernetesResource workload) {
        var active = workload.get("spec", "active");
        var pruned = new GenericKubernetesResource();
        pruned.setApiVersion(workload.getApiVersion());
        pruned.setKind(workload.getKind());
        pruned.setMetadata(workload.getMetadata());
        pruned.setAdditionalProperty("spec", active == null ? Map.of() : Map.of("active", active));
        pruned.setAdditionalProperty(
                "status", workload.getAdditionalProperties().get("status"));
        return pruned;
    }

    /** The job whose Job or pods Kueue has made the Workload for. */
    private Optional<JobId> job(GenericKubernetesResource workload) {
        String namespace = workload.getMetadata().getNamespace();
        return workload.getMetadata().getOwnerReferences().stream()
                .flatMap(owner -> Optional.ofNullable(owner(namespace, owner)).flatMap(Labels::job).stream())
                .findFirst();
    }

    private @Nullable HasMetadata owner(String namespace, OwnerReference owner) {
        String name = namespace + "/" + owner.getName();
        return switch (owner.getKind()) {
            case "Job" -> watched.jobs.get(name);
            case "Pod" -> watched.pods.get(name);
            default -> null;
        };
    }

    /** Makes the Job of a role one that Kueue admits, before it is created. */
    static void mark(Job job, Workload workload, Delegate to) throws ClusterRefusedException {
        if (!isGroup(workload)) {
            job.getMetadata().getLabels().put(QUEUE_NAME, to.queue());
            job.getSpec().setSuspend(true);
            return;
        }
        if (workload.spec().taskRoles().size() > MOST_ROLES) {
            throw new ClusterRefusedException(
                    "TOO_MANY_ROLES",
                    "Kueue takes gangs of up to %d task roles, and this job has %d: make fewer of them, or submit it to a queue that is not handed to Kueue."
                            .formatted(MOST_ROLES, workload.spec().taskRoles().size()));
        }
        var template = job.getSpec().getTemplate();
        var labels = new LinkedHashMap<>(template.getMetadata().getLabels());
        labels.put(QUEUE_NAME, to.queue());
        labels.put(POD_GROUP_NAME, group(workload));
        template.getMetadata().setLabels(labels);
        var annotations = new HashMap<>(template.getMetadata().getAnnotations());
        annotations.put(POD_GROUP_TOTAL_COUNT, Integer.toString(workload.spec().taskCount()));
        template.getMetadata().setAnnotations(annotations);
        // Kueue puts it there, too, unless its administrators have not told it to look after pods: then they wait.
        template.getSpec().setSchedulingGates(List.of(new PodSchedulingGate(GATE)));
        job.getSpec()
                .setPodFailurePolicy(new PodFailurePolicyBuilder()
                        .addNewRule()
                        .withAction("Ignore")
                        .addNewOnPodCondition("True", TAKEN_BACK)
                        .endRule()
                        .build());
    }

    private static boolean isGroup(Workload workload) {
        return workload.spec().taskRoles().size() > 1;
    }

    private static String group(Workload workload) {
        return Names.workload(workload.spec().name(), workload.job(), workload.run(), "gang");
    }

    /** Whether a Job ends with its group: Kueue counts a group as going until nothing of it is left. */
    static boolean isOfGroup(Job job) {
        return Labels.label(job, QUEUE_NAME) == null;
    }

    /** How a run stands of which there are these Jobs, with these pods. */
    Standing standing(List<Job> jobs, List<Pod> pods) {
        workloads.need();
        if (EndedJobs.haveFailed(jobs) || EndedJobs.haveCompleted(jobs)) {
            return new Standing.Over();
        }
        boolean group = jobs.stream().anyMatch(Kueue::isOfGroup);
        boolean goes = group
                ? pods.stream().anyMatch(Kueue::isLetIn)
                : jobs.stream()
                        .noneMatch(job -> Boolean.TRUE.equals(job.getSpec().getSuspend()));
        return goes ? new Standing.Going() : why(jobs, pods, group);
    }

    private static boolean isLetIn(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() == null
                && pod.getSpec().getSchedulingGates().stream().noneMatch(gate -> GATE.equals(gate.getName()));
    }

    private Standing.Waiting why(List<Job> jobs, List<Pod> pods, boolean group) {
        if (workloads.isMissing()) {
            return new Standing.Waiting(
                    "KueueAbsent",
                    "waits for Kueue, which is not installed any more (there is no %s): install it again, or have an administrator take the queue back from it"
                            .formatted(workloads.name()));
        }
        if (!workloads.isCurrent()) {
            return new Standing.Waiting(
                    "KueuePending",
                    "waits for Kueue; what it says is not known yet, or the platform lacks the right to see it (deploy/kubernetes/rbac-delegates.yaml)");
        }
        return workload(jobs, pods, group)
                .map(Kueue::why)
                .orElseGet(() -> new Standing.Waiting(
                        "KueueUnnoticed",
                        group
                                ? "waits for Kueue, which has taken no notice of it yet: its controller may be away, or not look after pods, as jobs with several task roles need"
                                : "waits for Kueue, which has taken no notice of it yet: its controller may be away"));
    }

    /** That of a group has its name. */
    private Optional<GenericKubernetesResource> workload(List<Job> jobs, List<Pod> pods, boolean group) {
        Stream<GenericKubernetesResource> found = group
                ? pods.stream()
                        .map(pod -> pod.getMetadata().getNamespace() + "/" + Labels.label(pod, POD_GROUP_NAME))
                        .flatMap(name -> workloads.get(name).stream())
                : jobs.stream()
                        .flatMap(job -> workloads.ownedBy(job.getMetadata().getUid()).stream());
        return found.filter(each -> each.getMetadata().getDeletionTimestamp() == null)
                .findFirst();
    }

    private static Standing.Waiting why(GenericKubernetesResource workload) {
        if (Boolean.FALSE.equals(workload.get("spec", "active"))) {
            return new Standing.Waiting(
                    "KueueDeactivated",
                    "Kueue has put it aside%s: an administrator has to activate its Workload %s again"
                            .formatted(
                                    Conditions.of(workload, "Evicted")
                                            .map(evicted -> " (" + evicted.message() + ")")
                                            .orElse(""),
                                    workload.getMetadata().getName()));
        }
        Optional<Condition> quota = Conditions.of(workload, "QuotaReserved");
        if (quota.map(Condition::holds).orElse(false)) {
            return new Standing.Waiting(
                    "KueueAdmissionChecks", "has its quota in Kueue, and waits for %s".formatted(checks(workload)));
        }
        Optional<Condition> evicted = Conditions.of(workload, "Evicted").filter(Condition::holds);
        if (evicted.isPresent()) {
            return new Standing.Waiting(
                    "KueueEvicted",
                    "evicted by Kueue (%s): %s; waits there again, its position is not known here"
                            .formatted(evicted.get().reason(), evicted.get().message()));
        }
        return quota.map(condition -> new Standing.Waiting(
                        "Kueue" + (condition.reason().isEmpty() ? "Pending" : condition.reason()),
                        "waits in Kueue: %s; its position there is not known here".formatted(condition.message())))
                .orElseGet(() ->
                        new Standing.Waiting("KueuePending", "waits in Kueue, which has not decided about it yet"));
    }

    private static String checks(GenericKubernetesResource workload) {
        String open = Conditions.list(workload, "status", "admissionChecks")
                .filter(check -> !"Ready".equals(check.get("state")))
                .map(check -> (Conditions.text(check, "name") + " " + Conditions.text(check, "message")).strip())
                .collect(Collectors.joining("; "));
        return open.isEmpty() ? "its admission" : "admission checks: " + open;
    }

    @Override
    public void close() {
        workloads.close();
    }
}
