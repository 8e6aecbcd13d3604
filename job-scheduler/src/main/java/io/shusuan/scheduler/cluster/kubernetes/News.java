package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.Event;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Observation.ClusterEvent;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The warnings of Kubernetes about a job's objects, once each: what many pods of a role suffer alike is one piece of
 * news, however often it is repeated.
 */
final class News {

    private static final int MAX_OF_A_JOB = 50;

    /** What attempts show anyway, or what every start goes through. */
    private static final Set<String> NOISE = Set.of("BackOff", "Unhealthy");

    private static final String FOR_WANT_OF_A_NODE = "FailedScheduling";

    private static final Comparator<Event> BY_TIME = Comparator.comparing(News::time);

    private News() {}

    static List<ClusterEvent> of(Stream<Event> events) {
        return events
                .filter(each -> !NOISE.contains(Objects.toString(each.getReason())))
                .sorted(BY_TIME)
                .map(News::of)
                .collect(Collectors.toMap(ClusterEvent::key, Function.identity(), (one, _) -> one, LinkedHashMap::new))
                .values()
                .stream()
                .limit(MAX_OF_A_JOB)
                .toList();
    }

    /** A pod that its node cannot start says that it is being created and no more; the node's last warning says why. */
    static Attempt explain(Attempt attempt, List<Event> warnings) {
        if (attempt.phase() != Attempt.Phase.PENDING || attempt.message() != null || attempt.node() == null) {
            return attempt;
        }
        String pod = Sightings.podUid(attempt.uid());
        return warnings.stream()
                .filter(each -> pod.equals(each.getInvolvedObject().getUid()))
                .filter(each -> !FOR_WANT_OF_A_NODE.equals(each.getReason()) && each.getMessage() != null)
                .max(BY_TIME)
                .map(each -> attempt.because(each.getReason(), each.getMessage().strip()))
                .orElse(attempt);
    }

    /** The key under which events are kept: the workload they are about. */
    static String workload(Event event) {
        var about = event.getInvolvedObject();
        return about.getNamespace() + "/" + Names.workloadOf(about.getKind(), about.getName());
    }

    private static ClusterEvent of(Event event) {
        var about = event.getInvolvedObject();
        String workload = Names.workloadOf(about.getKind(), about.getName());
        String said = Objects.toString(event.getMessage(), "").strip();
        var explained = Refusals.explain(said);
        String reason = explained.map(Refusals.Refusal::reason).orElse(Objects.toString(event.getReason(), "Warning"));
        String message = explained.map(Refusals.Refusal::message).orElse(said);
        return new ClusterEvent(
                "%s/%s/%s".formatted(workload, reason, Names.hash(withoutPodNames(message, workload))),
                true,
                reason,
                message);
    }

    /** Each pod that a controller tries to make has another name. */
    private static String withoutPodNames(String message, String workload) {
        return message.replaceAll(java.util.regex.Pattern.quote(workload) + "-[a-z0-9-]+", "POD");
    }

    private static String time(Event event) {
        return Stream.of(
                        event.getFirstTimestamp(),
                        event.getEventTime() == null
                                ? null
                                : event.getEventTime().getTime(),
                        event.getMetadata().getCreationTimestamp())
                .filter(Objects::nonNull)
                .findFirst()
                .orElse("");
    }
}
