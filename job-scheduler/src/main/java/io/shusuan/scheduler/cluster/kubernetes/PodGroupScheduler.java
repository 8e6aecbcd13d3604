package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.Delegate;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.Standing;
import io.shusuan.scheduler.cluster.Workload;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A scheduler that binds pods in the place of kube-scheduler, all of a PodGroup together or none. The pods are there while they wait. To
 * take back what it has given it deletes them, which is the end of their Job: so the whole run ends, and is handed over again as
 * another.
 */
abstract sealed class PodGroupScheduler implements AdmittingScheduler permits Volcano, Kai {

    private static final String GANG = "gang";

    private final Delegate.Scheduler scheduler;
    private final String schedulerName;
    private final String groupAnnotation;
    private final String apiVersion;
    private final OptionalKind groups;

    /**
     * @param schedulerName by which pods ask for it
     * @param groupAnnotation by which they name their group
     */
    PodGroupScheduler(
            Delegate.Scheduler scheduler,
            String schedulerName,
            String groupAnnotation,
            String apiGroup,
            String version,
            ApiServer api,
            KubernetesSettings settings,
            Consumer<JobId> changed,
            Runnable cameOrWent,
            Clock clock) {
        this.scheduler = scheduler;
        this.schedulerName = schedulerName;
        this.groupAnnotation = groupAnnotation;
        this.apiVersion = apiGroup + "/" + version;
        this.groups = new OptionalKind(
                api,
                settings,
                apiGroup,
                "PodGroup",
                "podgroups",
                Labels.ofPlatform(settings.platform()),
                group -> group,
                (group, _) -> Labels.job(group).ifPresent(changed),
                cameOrWent,
                clock);
    }

    @Override
    public final OptionalKind kind() {
        return groups;
    }

    @Override
    public final void mark(Job job, Workload workload, Delegate to) {
        mark(job.getSpec().getTemplate(), workload, to);
    }

    @Override
    public final void mark(Deployment deployment, Workload workload, Delegate to) {
        mark(deployment.getSpec().getTemplate(), workload, to);
    }

    private void mark(PodTemplateSpec template, Workload workload, Delegate to) {
        template.getSpec().setSchedulerName(schedulerName);
        Labels.annotate(
                template,
                Map.of(groupAnnotation, Names.workload(workload.spec().name(), workload.job(), workload.run(), GANG)));
        mark(template, to);
    }

    /** What it wants of pods besides. */
    abstract void mark(PodTemplateSpec template, Delegate to);

    /** Of what serves each task may begin, and be put back, by itself. */
    @Override
    public final Optional<GenericKubernetesResource> gang(ObjectMeta metadata, Workload workload, Delegate to) {
        boolean training = !workload.spec().kind().serves();
        var spec = new LinkedHashMap<String, Object>();
        spec.put("queue", to.queue());
        spec.put("minMember", training ? workload.spec().taskCount() : 1);
        if (training) {
            describe(spec, workload);
        }
        var group = new GenericKubernetesResource();
        group.setApiVersion(apiVersion);
        group.setKind("PodGroup");
        group.setMetadata(metadata);
        group.setAdditionalProperty("spec", spec);
        return Optional.of(group);
    }

    @Override
    public final void disband(JobId job, String namespace) throws ClusterUnavailableException {
        groups.delete(namespace, Map.of(Labels.JOB_ID, job.toString()));
    }

    @Override
    public final void letGo(JobId job, String namespace, List<HasMetadata> made) throws ClusterUnavailableException {
        disband(job, namespace);
    }

    /** Adds what it wants to know of a gang besides. */
    abstract void describe(Map<String, Object> spec, Workload workload);

    @Override
    public final @Nullable Standing standing(List<HasMetadata> made, List<Pod> pods) {
        List<Job> jobs = Labels.jobsOf(made);
        if (!jobs.isEmpty() && EndedJobs.haveCompleted(jobs)) {
            return new Standing.Over();
        }
        if (!jobs.isEmpty() && (EndedJobs.haveFailed(jobs) || pods.stream().anyMatch(PodGroupScheduler::isTakenAway))) {
            return ending(jobs, pods);
        }
        List<Pod> living = pods.stream().filter(PodGroupScheduler::lives).toList();
        if (living.isEmpty() || living.stream().noneMatch(PodGroupScheduler::isBound)) {
            return why(made.getFirst(), pods);
        }
        // Those of a gang follow in a moment; those of what serves each as it can.
        boolean some = jobs.isEmpty() && !living.stream().allMatch(PodGroupScheduler::isBound);
        return some ? new Standing.Going(why(made.getFirst(), pods)) : Standing.Going.ALL;
    }

    private static boolean lives(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() == null;
    }

    private static boolean isBound(Pod pod) {
        return pod.getSpec().getNodeName() != null;
    }

    /** Nothing that belongs to a job is deleted by the platform but with its Job. */
    private static boolean isTakenAway(Pod pod) {
        return !lives(pod) && !isIn(pod, "Succeeded");
    }

    /**
     * Whether it has failed, or its pods were deleted. One that has failed stays, and is known before any is deleted for it. While it
     * cannot be told yet, news of the pods are under way.
     */
    private Standing ending(List<Job> jobs, List<Pod> pods) {
        if (pods.stream().anyMatch(each -> lives(each) && isIn(each, "Failed"))) {
            return EndedJobs.haveFailed(jobs) ? new Standing.Over() : Standing.Going.ALL;
        }
        Set<String> failed = jobs.stream()
                .filter(each -> EndedJobs.haveFailed(List.of(each)))
                .map(each -> Labels.label(each, Labels.ROLE))
                .collect(Collectors.toSet());
        boolean lost = pods.stream().anyMatch(PodGroupScheduler::isTakenAway)
                || pods.stream()
                        .filter(each -> failed.contains(Labels.label(each, Labels.ROLE)))
                        .allMatch(each -> isIn(each, "Succeeded"));
        return lost ? new Standing.Lost(lost(pods)) : Standing.Going.ALL;
    }

    private static boolean isIn(Pod pod, String phase) {
        return pod.getStatus() != null && phase.equals(pod.getStatus().getPhase());
    }

    private String lost(List<Pod> pods) {
        String why = pods.stream()
                .filter(each -> !lives(each) && each.getStatus() != null)
                .flatMap(each -> each.getStatus().getConditions().stream())
                .filter(PodGroupScheduler::isEviction)
                .map(PodCondition::getMessage)
                .filter(Objects::nonNull)
                .findFirst()
                .map(said -> " (%s)".formatted(said))
                .orElse("");
        return "tasks of it were taken away%s: all of it ends, and it is handed to %s again".formatted(why, scheduler);
    }

    /** Volcano says so by the first, KAI and Kubernetes itself by the second. */
    private static boolean isEviction(PodCondition condition) {
        return ("Ready".equals(condition.getType()) && "Evict".equals(condition.getReason()))
                || ("DisruptionTarget".equals(condition.getType()) && "True".equals(condition.getStatus()));
    }

    private Standing.@Nullable Waiting why(HasMetadata made, List<Pod> pods) {
        Optional<Standing.Waiting> unknown = groups.unknown(prefix());
        if (unknown.isPresent()) {
            return unknown.get();
        }
        Optional<GenericKubernetesResource> group = Labels.job(made).stream()
                .flatMap(job -> groups.ofJob(job.toString()).stream())
                .filter(each -> Labels.run(each) == Labels.run(made))
                .findFirst();
        return group.map(each -> why(each, pods)).orElse(null);
    }

    /** What it says of a group whose pods wait. */
    abstract Standing.Waiting why(GenericKubernetesResource group, List<Pod> pods);

    /** How its reason codes begin. */
    abstract String prefix();

    final Standing.Waiting waits(String reason, String sentence) {
        return new Standing.Waiting(prefix() + reason, sentence);
    }

    /** Another group than the one that the platform has made for it. */
    final Optional<String> otherGroup(GenericKubernetesResource group, List<Pod> pods) {
        return pods.stream()
                .flatMap(each -> Stream.ofNullable(Labels.annotation(each, groupAnnotation)))
                .filter(each -> !each.equals(group.getMetadata().getName()))
                .findFirst();
    }

    @Override
    public final boolean letsStay(Job ended) {
        return true;
    }
}
