package io.shusuan.scheduler.replay;

import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.Moment;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Collectors;

/** How what was kept is told to people. */
final class Answers {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());

    private Answers() {}

    static String time(Moment moment) {
        return TIME.format(Instant.ofEpochMilli(moment.millis()));
    }

    static String length(Duration length) {
        return "%d:%02d:%02d".formatted(length.toHours(), length.toMinutesPart(), length.toSecondsPart());
    }

    static String head(KeptCycle cycle) {
        return "cycle %d, %s".formatted(cycle.id(), time(cycle.snapshot().time()));
    }

    /** What became of a job, as the end of a sentence that begins with its name. */
    static String fate(Decision decision, KeptCycle cycle) {
        return switch (decision) {
            case Decision.Admit admit ->
                "was admitted on " + listed(admit.placement().nodes());
            case Decision.Preempt preempt ->
                "had others leave for it: "
                        + listed(preempt.victims().stream()
                                .map(victim -> cycle.name(victim.job()))
                                .toList());
            case Decision.Evict evict -> "had to leave";
            case Decision.Wait wait ->
                "waited, no. %d of its queue: %s: %s"
                        .formatted(
                                wait.position(),
                                wait.shortage().reason().code(),
                                wait.shortage().sentence());
        };
    }

    private static String listed(List<String> names) {
        return names.stream().distinct().collect(Collectors.joining(", "));
    }
}
