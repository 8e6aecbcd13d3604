package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Attempt.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Tasks of which no pod was ever seen, though their Job has ended: the cluster collects pods that are over, and may do so before
 * the platform is there again. The Job itself still says how they ended.
 */
final class EndedJobs {

    private EndedJobs() {}

    private record TaskOfRun(String role, int index, int run) {}

    /** @param seen the attempts that pods told of */
    static List<Attempt> unseen(List<Job> jobs, List<Attempt> seen) {
        var unseen = new ArrayList<Attempt>();
        for (Job job : jobs) {
            ending(job).ifPresent(ending -> unseen.addAll(unseen(job, ending, seen)));
        }
        return unseen;
    }

    private static List<Attempt> unseen(Job job, JobCondition ending, List<Attempt> seen) {
        var known = seen.stream()
                .map(each -> new TaskOfRun(each.role(), each.index(), each.run()))
                .collect(Collectors.toSet());
        if (!isComplete(ending)
                && known.stream().anyMatch(task -> task.role().equals(role(job)) && task.run() == Labels.run(job))) {
            return List.of(); // those tell why it failed, and the others may never have begun
        }
        var attempts = new ArrayList<Attempt>();
        for (int index = 0; index < tasks(job); index++) {
            var task = new TaskOfRun(role(job), index, Labels.run(job));
            if (!known.contains(task)) {
                attempts.add(attempt(job, ending, task, triesBefore(task, seen)));
            }
        }
        return attempts;
    }

    private static Attempt attempt(Job job, JobCondition ending, TaskOfRun task, int before) {
        boolean succeeded = isComplete(ending);
        return new Attempt(
                job.getMetadata().getUid() + "-" + task.index(),
                task.role(),
                task.index(),
                task.run(),
                before + 1,
                succeeded ? Phase.SUCCEEDED : Phase.FAILED,
                false,
                null,
                List.of(),
                succeeded ? 0 : null,
                succeeded ? "Completed" : ending.getReason(),
                succeeded ? null : ending.getMessage(),
                PodAttempts.time(job.getStatus().getStartTime()),
                PodAttempts.time(
                        succeeded && job.getStatus().getCompletionTime() != null
                                ? job.getStatus().getCompletionTime()
                                : ending.getLastTransitionTime()));
    }

    private static Optional<JobCondition> ending(Job job) {
        return job.getStatus() == null
                ? Optional.empty()
                : job.getStatus().getConditions().stream()
                        .filter(each -> "True".equals(each.getStatus()))
                        .filter(each -> isComplete(each) || "Failed".equals(each.getType()))
                        .findFirst();
    }

    /** Whether one of them has failed, or is about to. */
    static boolean haveFailed(List<Job> jobs) {
        return jobs.stream().anyMatch(job -> holds(job, "Failed") || holds(job, "FailureTarget"));
    }

    static boolean haveCompleted(List<Job> jobs) {
        return jobs.stream().allMatch(job -> holds(job, "Complete") || holds(job, "SuccessCriteriaMet"));
    }

    private static boolean holds(Job job, String condition) {
        return job.getStatus() != null
                && job.getStatus().getConditions().stream()
                        .anyMatch(each -> condition.equals(each.getType()) && "True".equals(each.getStatus()));
    }

    private static boolean isComplete(JobCondition ending) {
        return "Complete".equals(ending.getType());
    }

    private static int tasks(Job job) {
        Integer completions = job.getSpec().getCompletions();
        return completions == null ? 0 : completions;
    }

    /** As the pods have it, too: a label may have to be cut short. */
    private static String role(Job job) {
        Map<String, String> annotations =
                job.getSpec().getTemplate().getMetadata().getAnnotations();
        return annotations == null ? "" : annotations.getOrDefault(Labels.ROLE, "");
    }

    private static int triesBefore(TaskOfRun task, List<Attempt> seen) {
        return seen.stream()
                .filter(each -> each.role().equals(task.role()) && each.index() == task.index())
                .mapToInt(Attempt::number)
                .max()
                .orElse(0);
    }
}
