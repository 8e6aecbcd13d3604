package io.shusuan.scheduler.replay;

import io.shusuan.scheduler.queue.Moment;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
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
        return head(cycle.id(), cycle.at());
    }

    static String head(long cycle, Instant at) {
        return "cycle %d, %s".formatted(cycle, TIME.format(at));
    }

    /** What became of a job, as the end of a sentence that begins with its name. */
    static String fate(CycleJob job) {
        return switch (job.fate()) {
            case CycleJob.Admitted admitted -> "was admitted on " + String.join(", ", admitted.nodes());
            case CycleJob.Preempts preempts ->
                "had others leave for it: "
                        + preempts.victims().stream()
                                .map(CycleJob.Named::name)
                                .distinct()
                                .collect(Collectors.joining(", "));
            case CycleJob.Leaves leaves -> "had to leave";
            case CycleJob.Grows grows -> "left to begin anew with %d tasks".formatted(grows.tasks());
            case CycleJob.Waits waits ->
                "waited, no. %d of its queue: %s: %s"
                        .formatted(
                                waits.position(),
                                waits.shortage().reason().code(),
                                waits.shortage().sentence());
        };
    }
}
