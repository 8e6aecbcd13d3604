package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.Event;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.NotReady;
import io.shusuan.scheduler.cluster.Observation.ClusterEvent;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The warnings of Kubernetes about a job's objects, once each: what many pods of a role suffer alike is one piece of
 * news, however often it is repeated.
 */
final class News {

    private static final int MAX_OF_A_JOB = 50;

    private static final String UNHEALTHY = "Unhealthy";

    /** What attempts show anyway, or what every start goes through. */
    private static final Set<String> NOISE = Set.of("BackOff", UNHEALTHY);

    private static final String FOR_WANT_OF_A_NODE = "FailedScheduling";

    private static final Comparator<Event> BY_TIME = Comparator.comparing(News::time);

    private static final Comparator<Event> BY_LAST =
            Comparator.comparing(each -> Objects.requireNonNullElse(each.getLastTimestamp(), time(each)));

    /** How the kubelet says what a path was answered. */
    private static final Pattern STATUS =
            Pattern.compile("Readiness probe failed: HTTP probe failed with statuscode: (\\d{3})\\s*");

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

    /**
     * A pod that its node cannot start says that it is being created and no more; the node's last warning says why. One that
     * is not ready says nothing of what it answered; the kubelet does.
     */
    static Attempt explain(Attempt attempt, List<Event> warnings) {
        String said = attempt.message();
        if (attempt.phase() == Attempt.Phase.RUNNING && !attempt.ready() && said != null) {
            return warningsOf(attempt, warnings)
                    .filter(each -> UNHEALTHY.equals(each.getReason()))
                    .max(BY_LAST)
                    .map(each -> STATUS.matcher(each.getMessage()))
                    .filter(Matcher::matches)
                    .map(each ->
                            attempt.because(attempt.reason(), NotReady.answered(said, Integer.parseInt(each.group(1)))))
                    .orElse(attempt);
        }
        if (attempt.phase() != Attempt.Phase.PENDING || attempt.message() != null || attempt.node() == null) {
            return attempt;
        }
        return warningsOf(attempt, warnings)
                .filter(each -> !FOR_WANT_OF_A_NODE.equals(each.getReason()))
                .max(BY_TIME)
                .map(each -> attempt.because(each.getReason(), each.getMessage().strip()))
                .orElse(attempt);
    }

    private static Stream<Event> warningsOf(Attempt attempt, List<Event> warnings) {
        String pod = Sightings.podUid(attempt.uid());
        return warnings.stream()
                .filter(each -> pod.equals(each.getInvolvedObject().getUid()) && each.getMessage() != null);
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
        return message.replaceAll(Pattern.quote(workload) + "-[a-z0-9-]+", "POD");
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
