package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.Delegate;
import io.shusuan.scheduler.cluster.Workload;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The labels and annotations by which the platform knows its objects. */
final class Labels {

    static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    static final String SHUSUAN = "shusuan";
    static final String PLATFORM = "shusuan.io/platform";
    static final String JOB_ID = "shusuan.io/job-id";
    static final String ROLE = "shusuan.io/role";

    /** Which run of its job it belongs to; the first one has no such label. */
    static final String RUN = "shusuan.io/run";

    /** The scheduler that admits it, on a Job that the platform does not admit itself. */
    static final String DELEGATE = "shusuan.io/delegate";

    /** On a cordoned node: the jobs that are there leave. */
    static final String DRAIN = "shusuan.io/drain";

    static final String COMPLETION_INDEX = "batch.kubernetes.io/job-completion-index";

    /** The ports of a pod by the names they have in the job: {@code http=5000,grpc=5001}. */
    static final String PORTS = "shusuan.io/ports";

    /** Which port and path tell that a pod is ready: {@code 8000/v2/health/ready}. Not there, if its first port does. */
    static final String READINESS = "shusuan.io/readiness";

    static final String JOB_NAME = "shusuan.io/job-name";
    private static final String OWNER = "shusuan.io/owner";
    private static final String QUEUE = "shusuan.io/queue";

    /** The labels of which each job has its own. */
    static final Set<String> OF_ONE_JOB = Set.of(JOB_ID, JOB_NAME, RUN);

    private Labels() {}

    static Map<String, String> ofPlatform(String platform) {
        return Map.of(MANAGED_BY, SHUSUAN, PLATFORM, platform);
    }

    static Map<String, String> ofJob(String platform, Workload workload) {
        var labels = new LinkedHashMap<>(ofPlatform(platform));
        labels.put(JOB_ID, workload.job().toString());
        labels.put(JOB_NAME, workload.spec().name().value());
        labels.put(QUEUE, workload.spec().queue().value());
        labels.put(OWNER, Names.labelValue(workload.owner()));
        return labels;
    }

    static Map<String, String> ofRole(String platform, Workload workload, String role) {
        var labels = new LinkedHashMap<>(ofJob(platform, workload));
        labels.put(ROLE, Names.labelValue(role));
        return labels;
    }

    static Map<String, String> ofRun(String platform, Workload workload, String role) {
        return withRun(ofRole(platform, workload, role), workload);
    }

    /** Those by which the pods of a role are told from all others. */
    static Map<String, String> selector(Workload workload, String role) {
        return Map.of(JOB_ID, workload.job().toString(), ROLE, Names.labelValue(role));
    }

    /** Those by which the pods of a role in one run are told from all others. */
    static Map<String, String> ofPods(Workload workload, String role) {
        return withRun(selector(workload, role), workload);
    }

    static Map<String, String> withRun(Map<String, String> labels, Workload workload) {
        var all = new LinkedHashMap<>(labels);
        if (workload.run() > 1) {
            all.put(RUN, Integer.toString(workload.run()));
        }
        return all;
    }

    static String delegate(Delegate.Scheduler scheduler) {
        return scheduler.name().toLowerCase(Locale.ROOT);
    }

    /** Who admits it, if it is not the platform. */
    static Optional<Delegate.Scheduler> admitter(HasMetadata object) {
        String text = label(object, DELEGATE);
        return Arrays.stream(Delegate.Scheduler.values())
                .filter(each -> delegate(each).equals(text))
                .findFirst();
    }

    static boolean isDelegated(HasMetadata object) {
        return label(object, DELEGATE) != null;
    }

    /** The Jobs among what a run is made of. */
    static List<Job> jobsOf(List<HasMetadata> made) {
        return made.stream().filter(Job.class::isInstance).map(Job.class::cast).toList();
    }

    static void add(PodTemplateSpec template, Map<String, String> more) {
        var labels = new LinkedHashMap<>(template.getMetadata().getLabels());
        labels.putAll(more);
        template.getMetadata().setLabels(labels);
    }

    static void annotate(PodTemplateSpec template, Map<String, String> more) {
        var annotations = new LinkedHashMap<>(template.getMetadata().getAnnotations());
        annotations.putAll(more);
        template.getMetadata().setAnnotations(annotations);
    }

    static int run(HasMetadata object) {
        String text = label(object, RUN);
        return text != null && text.matches("[1-9]\\d{0,8}") ? Integer.parseInt(text) : 1;
    }

    static Optional<JobId> job(HasMetadata object) {
        String text = label(object, JOB_ID);
        try {
            return text == null ? Optional.empty() : Optional.of(JobId.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // somebody else's use of our label
        }
    }

    static @Nullable String label(HasMetadata object, String name) {
        Map<String, String> labels = object.getMetadata().getLabels();
        return labels == null ? null : labels.get(name);
    }

    static @Nullable String annotation(HasMetadata object, String name) {
        Map<String, String> annotations = object.getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get(name);
    }
}
