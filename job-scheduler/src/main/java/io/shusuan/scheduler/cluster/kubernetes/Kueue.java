package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSchedulingGate;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyBuilder;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobName;
import io.shusuan.db.queue.Delegate;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.Standing;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.cluster.kubernetes.Conditions.Condition;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Kueue, as whoever hands jobs to it sees it. A training job with one task role is a suspended Job with the name of a LocalQueue, which
 * Kueue resumes and suspends. One with several is a group of pods, since Kueue admits each Job for itself: they are made at
 * once and gated, and Kueue opens the gates of all of them together. Of what serves it admits each pod by itself, at a gate of its own.
 * What Kueue thinks of any of them stands in a Workload that it makes.
 */
final class Kueue implements AdmittingScheduler {

    static final String GROUP = "kueue.x-k8s.io";
    static final String QUEUE_NAME = GROUP + "/queue-name";
    static final String POD_GROUP_NAME = GROUP + "/pod-group-name";
    static final String POD_GROUP_TOTAL_COUNT = GROUP + "/pod-group-total-count";
    static final String GATE = GROUP + "/admission";

    private static final String GANG = "gang";

    /** A pod of a group that Kueue takes back has it as a condition; the Job then makes another, which waits at its gate. */
    private static final String TAKEN_BACK = "TerminationTarget";

    private final WatchedObjects watched;
    private final OptionalKind workloads;

    /** @param cameOrWent is told when what Kueue says begins or ceases to be known */
    Kueue(
            ApiServer api,
            KubernetesSettings settings,
            WatchedObjects watched,
            Consumer<JobId> changed,
            Runnable cameOrWent,
            Clock clock) {
        this.watched = watched;
        this.workloads = new OptionalKind(
                api,
                settings,
                GROUP,
                "Workload",
                "workloads",
                Map.of(),
                Kueue::withoutPods,
                (workload, _) -> job(workload).ifPresent(changed),
                cameOrWent,
                clock);
    }

    @Override
    public OptionalKind kind() {
        return workloads;
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

    @Override
    public void mark(Job job, Workload workload, Delegate to) throws ClusterRefusedException {
        if (!isGroup(workload)) {
            job.getMetadata().getLabels().put(QUEUE_NAME, to.queue());
            job.getSpec().setSuspend(true);
            return;
        }
        int most = to.scheduler().mostKinds();
        if (workload.spec().kindsOfTasks() > most) { // submitted before its queue was handed over
            throw new ClusterRefusedException(
                    "TOO_MANY_KINDS",
                    "Kueue takes gangs of up to %d kinds of tasks, and this job has %d: let some task roles ask for the same resources, nodes and ports, or submit it to a queue that is not handed to Kueue."
                            .formatted(most, workload.spec().kindsOfTasks()));
        }
        PodTemplateSpec template = job.getSpec().getTemplate();
        gate(template, to);
        Labels.add(template, Map.of(POD_GROUP_NAME, group(workload)));
        Labels.annotate(
                template,
                Map.of(POD_GROUP_TOTAL_COUNT, Integer.toString(workload.spec().taskCount())));
        job.getSpec()
                .setPodFailurePolicy(new PodFailurePolicyBuilder()
                        .addNewRule()
                        .withAction("Ignore")
                        .addNewOnPodCondition("True", TAKEN_BACK)
                        .endRule()
                        .build());
    }

    @Override
    public void mark(Deployment deployment, Workload workload, Delegate to) {
        gate(deployment.getSpec().getTemplate(), to);
    }

    /** Kueue puts the gate there, too, unless its administrators have not told it to look after pods: then they wait. */
    private static void gate(PodTemplateSpec template, Delegate to) {
        Labels.add(template, Map.of(QUEUE_NAME, to.queue()));
        template.getSpec().setSchedulingGates(List.of(new PodSchedulingGate(GATE)));
    }

    @Override
    public Optional<GenericKubernetesResource> gang(ObjectMeta metadata, Workload workload, Delegate to) {
        return Optional.empty(); // it makes its Workloads itself
    }

    @Override
    public void disband(JobId job, String namespace) {
        // Its Workloads go with what they are made for.
    }

    /**
     * Kueue keeps the pods of a group, and its quota, for others to take the place of those that have failed. Only without its Workload it
     * lets all of them go.
     */
    @Override
    public void letGo(JobId job, String namespace, List<HasMetadata> made) throws ClusterUnavailableException {
        for (Job each : Labels.jobsOf(made)) {
            String name = Labels.label(each, Labels.JOB_NAME);
            if (!letsStay(each) && name != null) {
                workloads.delete(namespace, Names.workload(new JobName(name), job, Labels.run(each), GANG));
            }
        }
    }

    private static boolean isGroup(Workload workload) {
        return workload.spec().taskRoles().size() > 1;
    }

    private static String group(Workload workload) {
        return Names.workload(workload.spec().name(), workload.job(), workload.run(), GANG);
    }

    /** One of a group does not: Kueue counts a group as going until nothing of it is left. */
    @Override
    public boolean letsStay(Job ended) {
        return Labels.label(ended, QUEUE_NAME) != null;
    }

    @Override
    public Standing standing(List<HasMetadata> made, List<Pod> pods) {
        List<Job> jobs = Labels.jobsOf(made);
        if (jobs.isEmpty()) {
            return ofWhatServes(pods);
        }
        if (EndedJobs.haveFailed(jobs) || EndedJobs.haveCompleted(jobs)) {
            return new Standing.Over();
        }
        boolean group = jobs.stream().anyMatch(each -> !letsStay(each));
        boolean goes = group
                ? pods.stream().anyMatch(Kueue::isLetIn)
                : jobs.stream()
                        .noneMatch(job -> Boolean.TRUE.equals(job.getSpec().getSuspend()));
        if (goes) {
            return Standing.Going.ALL;
        }
        return why(
                group
                        ? pods.stream()
                                .flatMap(pod -> workloads
                                        .get(pod.getMetadata().getNamespace() + "/"
                                                + Labels.label(pod, POD_GROUP_NAME)) // which is called as the group
                                        .stream())
                        : jobs.stream().flatMap(this::owned),
                group);
    }

    private Standing ofWhatServes(List<Pod> pods) {
        List<Pod> waiting = pods.stream()
                .filter(each -> each.getMetadata().getDeletionTimestamp() == null && !isLetIn(each))
                .toList();
        boolean goes = pods.stream().anyMatch(Kueue::isLetIn);
        if (goes && waiting.isEmpty()) {
            return Standing.Going.ALL;
        }
        var why = why(waiting.stream().flatMap(this::owned), true);
        return goes ? new Standing.Going(why) : why;
    }

    private Stream<GenericKubernetesResource> owned(HasMetadata owner) {
        return workloads.ownedBy(owner.getMetadata().getUid()).stream();
    }

    private static boolean isLetIn(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() == null
                && pod.getSpec().getSchedulingGates().stream().noneMatch(gate -> GATE.equals(gate.getName()));
    }

    /** @param asPods whether Kueue has to look after pods to take notice of it */
    private Standing.Waiting why(Stream<GenericKubernetesResource> found, boolean asPods) {
        return workloads
                .unknown("Kueue")
                .or(() -> found.filter(each -> each.getMetadata().getDeletionTimestamp() == null)
                        .findFirst()
                        .map(Kueue::why))
                .orElseGet(() -> new Standing.Waiting(
                        "KueueUnnoticed",
                        asPods
                                ? "waits for Kueue, which has taken no notice of it yet: its controller may be away, or not look after pods, as services and jobs with several task roles need"
                                : "waits for Kueue, which has taken no notice of it yet: its controller may be away"));
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
        Optional<Condition> evicted = Conditions.of(workload, "Evicted").filter(Condition::holds);
        if (evicted.isPresent()) { // though it may have its quota until all its pods are gone
            return new Standing.Waiting(
                    "KueueEvicted",
                    "evicted by Kueue (%s): %s; waits there again, its position is not known here"
                            .formatted(evicted.get().reason(), evicted.get().message()));
        }
        Optional<Condition> quota = Conditions.of(workload, "QuotaReserved");
        if (quota.map(Condition::holds).orElse(false)) {
            return new Standing.Waiting(
                    "KueueAdmissionChecks", "has its quota in Kueue, and waits for %s".formatted(checks(workload)));
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
}
