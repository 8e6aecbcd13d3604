package io.shusuan.web.queue;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.usage.TimelineCsv;
import io.shusuan.api.usage.TimelineQuery;
import io.shusuan.db.job.JobSearch;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.SettingsHistory;
import io.shusuan.db.usage.QueueUsers;
import io.shusuan.db.usage.Timelines;
import io.shusuan.scheduler.sharing.QueueSettings;
import io.shusuan.scheduler.sharing.Sharing;
import io.shusuan.scheduler.sharing.SharingControl;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;

/** One queue: what it has, what it had over time, and what was said of it. */
@Controller
class QueuePageController {

    private static final int CHANGES = 50;

    private static final int IN_LINE = 25;

    private static final int USERS = 50;

    private final SharingControl sharing;
    private final QueueLoads loads;
    private final JobSearch search;
    private final QueueUsers users;
    private final Timelines timelines;
    private final SettingsHistory history;
    private final Clock clock;

    QueuePageController(
            SharingControl sharing,
            QueueLoads loads,
            JobSearch search,
            QueueUsers users,
            Timelines timelines,
            SettingsHistory history,
            Clock clock) {
        this.sharing = sharing;
        this.loads = loads;
        this.search = search;
        this.users = users;
        this.timelines = timelines;
        this.history = history;
        this.clock = clock;
    }

    /** How far back the drawing goes. */
    enum Span {
        DAY(Duration.ofDays(1), Duration.ofMinutes(15), "15m"),
        WEEK(Duration.ofDays(7), Duration.ofHours(1), "1h"),
        MONTH(Duration.ofDays(30), Duration.ofHours(6), "6h");

        private final Duration length;
        private final Duration step;
        private final String resolution;

        Span(Duration length, Duration step, String resolution) {
            this.length = length;
            this.step = step;
            this.resolution = resolution;
        }

        /** Up to now, from a whole step on, so that the columns stay where they are while time goes on. */
        TimelineQuery query(Instant now) {
            var seconds = step.toSeconds();
            var from = Instant.ofEpochSecond(Math.ceilDiv(now.minus(length).getEpochSecond(), seconds) * seconds);
            return new TimelineQuery(
                    from.toString(), now.truncatedTo(ChronoUnit.SECONDS).toString(), resolution);
        }
    }

    @GetMapping("/queues/{name}")
    String page(
            @PathVariable String name,
            @RequestParam(defaultValue = "WEEK") Span span,
            Principal principal,
            Model model) {
        var now = clock.instant();
        var all = sharing.read();
        var queue = known(all, name);
        var uses = sharing.uses();
        model.addAttribute("queue", queue);
        model.addAttribute("quotas", QuotaLine.of(queue, uses, uses.balances(all)));
        model.addAttribute("load", loads.byQueue().getOrDefault(name, QueueLoads.Load.NONE));
        model.addAttribute("users", UserLine.of(queue, users.of(queue.name(), now, USERS), principal.getName()));
        model.addAttribute("line", search.line(queue.name(), IN_LINE));
        model.addAttribute("span", span);
        model.addAttribute("spans", Span.values());
        model.addAttribute("history", history.of(SettingsHistory.Kind.QUEUE, name, CHANGES));
        try {
            model.addAttribute("chart", UsageChart.of(span.query(now).read(timelines, queue.name(), now)));
        } catch (ProblemException tooMuch) {
            model.addAttribute("trouble", tooMuch.getMessage());
        }
        return "queue/detail";
    }

    @GetMapping("/queues/{name}/usage.csv")
    ResponseEntity<byte[]> csv(@PathVariable String name, @RequestParam(defaultValue = "WEEK") Span span) {
        var queue = known(sharing.read(), name).name();
        var now = clock.instant();
        try {
            var table = TimelineCsv.of(span.query(now).read(timelines, queue, now));
            return ResponseEntity.ok()
                    .contentType(new MediaType("text", "csv", StandardCharsets.UTF_8))
                    .header(
                            HttpHeaders.CONTENT_DISPOSITION,
                            ContentDisposition.attachment()
                                    .filename("queue-%s.csv".formatted(queue))
                                    .build()
                                    .toString())
                    .body(table.getBytes(StandardCharsets.UTF_8));
        } catch (ProblemException tooMuch) {
            throw new ResponseStatusException(HttpStatus.BAD_REQUEST, tooMuch.getMessage(), tooMuch);
        }
    }

    private static QueueSettings known(Sharing all, String name) {
        var found = QueueName.isValid(name) ? all.queue(new QueueName(name)) : Optional.<QueueSettings>empty();
        return found.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }
}
