package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.cluster.Attempt;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Which pods of a job were seen, and which task each is an attempt of. A pod of an Indexed Job says its index. One of a
 * Deployment gets the lowest index that no living pod has, and keeps it for as long as it lives.
 *
 * <p>A pod that is deleted tells how it ended with its last breath, so what was seen of it is kept while the job is
 * there: the last {@value #MAX_GONE} of a job, and not across a restart of the platform, whose database keeps more.
 */
final class Sightings {

    private static final int MAX_GONE = 100;

    private final Map<JobId, OfJob> jobs = new ConcurrentHashMap<>();

    /** Notes how a pod is now, or was last. */
    void saw(JobId job, Pod pod, boolean gone) {
        jobs.computeIfAbsent(job, _ -> new OfJob()).saw(pod, gone);
    }

    List<Attempt> attempts(JobId job) {
        OfJob seen = jobs.get(job);
        return seen == null ? List.of() : seen.attempts();
    }

    /** The pod of an attempt, if it is there still. */
    Optional<Pod> pod(JobId job, String attemptUid) {
        OfJob seen = jobs.get(job);
        return seen == null ? Optional.empty() : seen.living(podUid(attemptUid));
    }

    Set<JobId> withLivingPods() {
        return jobs.entrySet().stream()
                .filter(each -> each.getValue().hasLiving())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** Forgets a job of which nothing is left. */
    void forget(JobId job) {
        jobs.remove(job);
    }

    static String podUid(String attemptUid) {
        int dot = attemptUid.indexOf('.');
        return dot < 0 ? attemptUid : attemptUid.substring(0, dot);
    }

    /** How many times the container had been restarted when the attempt began. */
    static int run(String attemptUid) {
        int dot = attemptUid.indexOf('.');
        return dot < 0 ? 0 : Integer.parseInt(attemptUid.substring(dot + 1));
    }

    private static final class Sight {
        private Pod pod;
        private boolean gone;
        private int index = -1;
        private int firstNumber;
        private final Map<String, Attempt> runs = new LinkedHashMap<>();

        Sight(Pod pod) {
            this.pod = pod;
        }

        /** A restart that was waited for and is told of no more: its pod has ended instead. */
        void forgetWhatNeverCame(List<Attempt> told) {
            var uids = told.stream().map(Attempt::uid).collect(Collectors.toSet());
            runs.values().removeIf(each -> !each.phase().isFinal() && !uids.contains(each.uid()));
        }

        boolean holdsItsIndex() {
            String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
            return !gone
                    && pod.getMetadata().getDeletionTimestamp() == null
                    && !"Failed".equals(phase)
                    && !"Succeeded".equals(phase);
        }
    }

    private static final class OfJob {

        private final Map<String, Sight> pods = new HashMap<>();

        /** By role and index, the highest number that an attempt has had. */
        private final Map<String, Integer> numbers = new HashMap<>();

        synchronized void saw(Pod pod, boolean gone) {
            var sight = pods.computeIfAbsent(pod.getMetadata().getUid(), _ -> new Sight(pod));
            sight.pod = pod;
            sight.gone = sight.gone || gone;
            if (gone) {
                attempts(); // gives it its index before others may take that
                dropTheOldestGone();
            }
        }

        private void dropTheOldestGone() {
            List<Sight> gone = inOrder().stream().filter(each -> each.gone).toList();
            gone.stream()
                    .limit(Math.max(0, gone.size() - MAX_GONE))
                    .forEach(each -> pods.remove(each.pod.getMetadata().getUid()));
        }

        synchronized List<Attempt> attempts() {
            var attempts = new ArrayList<Attempt>();
            for (Sight sight : inOrder()) {
                if (sight.index < 0) {
                    place(sight);
                }
                var told = new PodAttempts(sight.pod, sight.gone, sight.index, sight.firstNumber).list();
                sight.forgetWhatNeverCame(told);
                for (Attempt run : told) {
                    sight.runs.put(run.uid(), run);
                    numbers.merge(run.role() + "/" + run.index(), run.number(), Math::max);
                }
                attempts.addAll(sight.runs.values());
            }
            return attempts;
        }

        private void place(Sight sight) {
            String role = PodAttempts.role(sight.pod);
            String said = Labels.annotation(sight.pod, Labels.COMPLETION_INDEX);
            sight.index = said == null ? lowestFree(role) : Integer.parseInt(said);
            sight.firstNumber = numbers.getOrDefault(role + "/" + sight.index, 0) + 1;
        }

        private int lowestFree(String role) {
            var taken = pods.values().stream()
                    .filter(each -> each.index >= 0 && each.holdsItsIndex())
                    .filter(each -> PodAttempts.role(each.pod).equals(role))
                    .map(each -> each.index)
                    .collect(Collectors.toSet());
            int index = 0;
            while (taken.contains(index)) {
                index++;
            }
            return index;
        }

        private List<Sight> inOrder() {
            var byStart = new TreeMap<String, Sight>(Comparator.naturalOrder());
            for (Sight each : pods.values()) {
                var metadata = each.pod.getMetadata();
                byStart.put(
                        Objects.toString(metadata.getCreationTimestamp()) + metadata.getName() + metadata.getUid(),
                        each);
            }
            return List.copyOf(byStart.values());
        }

        synchronized Optional<Pod> living(String podUid) {
            return Optional.ofNullable(pods.get(podUid))
                    .filter(each -> !each.gone)
                    .map(each -> each.pod);
        }

        synchronized boolean hasLiving() {
            return pods.values().stream().anyMatch(each -> !each.gone);
        }
    }
}
