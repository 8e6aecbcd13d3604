package io.shusuan.api.usage;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.shusuan.api.cluster.Amount;
import io.shusuan.api.queue.KnownQueues;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.usage.QueueUsers;
import io.shusuan.db.usage.Timeline;
import io.shusuan.db.usage.Timelines;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.annotations.ParameterObject;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** What a queue had over time, and which of its users has how much of it. */
@RestController
@Tag(name = "Usage")
class QueuePastController {

    private static final int MOST_USERS = 1000;

    private final Timelines timelines;
    private final QueueUsers users;
    private final KnownQueues queues;
    private final Clock clock;

    QueuePastController(Timelines timelines, QueueUsers users, KnownQueues queues, Clock clock) {
        this.timelines = timelines;
        this.users = users;
        this.queues = queues;
        this.clock = clock;
    }

    /**
     * The GPUs of a queue over time.
     *
     * @param stepSeconds how long each point is; the last one may be cut short
     */
    @Schema(name = "QueueTimeline")
    record TimelineView(String queue, Instant from, Instant to, long stepSeconds, List<PointView> points) {

        static TimelineView of(QueueName queue, Timeline timeline) {
            return new TimelineView(
                    queue.value(),
                    timeline.from(),
                    timeline.to(),
                    timeline.step().toSeconds(),
                    timeline.points().stream().map(PointView::of).toList());
        }
    }

    /**
     * A point.
     *
     * @param at when it begins
     * @param used GPUs that its jobs held, on the average
     * @param peak GPUs that its jobs held at most
     * @param nominal GPUs that the queue owned, on the average; missing, where it had no limit or that is not known
     * @param borrowed GPUs that its jobs held beyond what it owned of their flavours, on the average; missing like nominal
     */
    @Schema(name = "QueueTimelinePoint")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PointView(
            Instant at,
            BigDecimal used,
            long peak,
            @Nullable BigDecimal nominal,
            @Nullable BigDecimal borrowed) {

        static PointView of(Timeline.Point point) {
            return new PointView(
                    point.at(),
                    Hours.rounded(point.used()),
                    point.peak(),
                    TimelineCsv.rounded(point.nominal()),
                    TimelineCsv.rounded(point.borrowed()));
        }
    }

    @GetMapping(path = "/api/v1/queues/{name}/usage", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            summary = "GPUs used, owned and borrowed over time",
            description = "At most " + Timeline.MOST_POINTS
                    + " points and 400 days. As text/csv it has a line for each point.")
    TimelineView usage(@PathVariable String name, @ParameterObject TimelineQuery query) {
        var queue = queues.get(name);
        return TimelineView.of(queue, query.read(timelines, queue, clock.instant()));
    }

    @GetMapping(path = "/api/v1/queues/{name}/usage", produces = UsageCsv.MEDIA_TYPE)
    String csv(@PathVariable String name, TimelineQuery query) {
        return TimelineCsv.of(query.read(timelines, queues.get(name), clock.instant()));
    }

    /**
     * What a user has of a queue.
     *
     * @param held what their jobs have now
     * @param gpuHours of this month (UTC), those of what is held still up to now
     */
    @Schema(name = "QueueUser")
    record UserView(String user, Amount held, BigDecimal gpuHours) {

        static UserView of(QueueUsers.Part part) {
            return new UserView(part.user(), Amount.of(part.held()), part.gpuHours());
        }
    }

    @GetMapping("/api/v1/queues/{name}/users")
    @Operation(
            summary = "Who has how much of a queue",
            description =
                    "Users whose jobs have something now, or had GPUs in this month; who has the most GPUs first. The queue's perUser and"
                            + " budget.userGpuHours say how much each may have.")
    List<UserView> users(@PathVariable String name) {
        return users.of(queues.get(name), clock.instant(), MOST_USERS).stream()
                .map(UserView::of)
                .toList();
    }
}
