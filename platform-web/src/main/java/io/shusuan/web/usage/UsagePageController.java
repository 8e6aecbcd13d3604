package io.shusuan.web.usage;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.usage.UsageCsv;
import io.shusuan.api.usage.UsageQuery;
import io.shusuan.db.job.Jobs;
import io.shusuan.db.queue.Queues;
import io.shusuan.db.usage.Accounts;
import io.shusuan.db.usage.Grouping;
import io.shusuan.db.usage.Usage;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.server.ResponseStatusException;

/** Who has held how much for how long. */
@Controller
class UsagePageController {

    private final Accounts accounts;
    private final Queues queues;
    private final Jobs jobs;
    private final Clock clock;

    UsagePageController(Accounts accounts, Queues queues, Jobs jobs, Clock clock) {
        this.accounts = accounts;
        this.queues = queues;
        this.jobs = jobs;
        this.clock = clock;
    }

    @GetMapping("/usage")
    String page(UsageQuery query, Model model) {
        model.addAttribute("query", query);
        model.addAttribute("groupings", Grouping.values());
        model.addAttribute("queues", queues.all());
        try {
            model.addAttribute("usage", read(query));
        } catch (ProblemException wrong) {
            model.addAttribute("wrong", wrong.getMessage());
            model.addAttribute("usage", read(new UsageQuery(null, null, null, null, null, null)));
        }
        return "usage/page";
    }

    @GetMapping("/usage.csv")
    ResponseEntity<byte[]> csv(UsageQuery query) {
        try {
            var period = query.period(clock.instant());
            var table = UsageCsv.of(accounts, period, query);
            var file = "usage-%s-%s.csv".formatted(period.first(), period.last());
            return ResponseEntity.ok()
                    .contentType(new MediaType("text", "csv", StandardCharsets.UTF_8))
                    .header(
                            HttpHeaders.CONTENT_DISPOSITION,
                            ContentDisposition.attachment()
                                    .filename(file)
                                    .build()
                                    .toString())
                    .body(table.getBytes(StandardCharsets.UTF_8));
        } catch (ProblemException wrong) {
            throw new ResponseStatusException(HttpStatus.BAD_REQUEST, wrong.getMessage(), wrong);
        }
    }

    private UsagePage read(UsageQuery query) {
        var period = query.period(clock.instant());
        var by = query.grouping();
        var sums = accounts.sums(period, by, query.filter(), UsagePage.ENOUGH);
        var days = accounts.sums(period, Grouping.DAY, query.filter(), period.length());
        return UsagePage.of(period, by, sums, days, gone(by, sums));
    }

    private Predicate<String> gone(Grouping by, List<Usage> sums) {
        if (by != Grouping.JOB) {
            return key -> false;
        }
        var ids = sums.stream().map(Usage::key).map(UUID::fromString).toList();
        var there = jobs.idsAmong(ids).stream().map(UUID::toString).collect(Collectors.toUnmodifiableSet());
        return key -> !there.contains(key);
    }
}
