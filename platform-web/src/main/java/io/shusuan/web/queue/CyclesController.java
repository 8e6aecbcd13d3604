package io.shusuan.web.queue;

import io.shusuan.db.queue.Cycles;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.Standing;
import io.shusuan.scheduler.replay.CycleAccount;
import io.shusuan.scheduler.replay.KeptCycles;
import io.shusuan.scheduler.replay.Precedence;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;

/** What the queue decided, and why. It tells of everybody's jobs and quotas, so it is for administrators. */
@Controller
class CyclesController {

    private static final int PAGE = 50;
    private static final int JOBS = 200;

    private final KeptCycles cycles;

    CyclesController(KeptCycles cycles) {
        this.cycles = cycles;
    }

    /** A job of a cycle. */
    record Line(CycleRow job, String queue, String user, int priority) {

        static Line of(CycleAccount.Line line) {
            return new Line(CycleRow.of(line.job()), line.queue().value(), line.user(), line.priority());
        }
    }

    /** A queue's or cohort's share, as people read it. */
    record Share(String member, String share) {}

    /** One of two jobs that are compared, and what its place rested on. */
    record Side(
            CycleRow job,
            @Nullable Standing standing,
            @Nullable Instant submitted,
            List<Share> shares) {

        static Side of(Precedence.Side side) {
            var standing = side.standing();
            return new Side(
                    CycleRow.of(side.job()),
                    standing,
                    standing == null
                            ? null
                            : Instant.ofEpochMilli(standing.submitted().millis()),
                    standing == null
                            ? List.of()
                            : standing.shares().stream()
                                    .map(share -> new Share(
                                            share.member(), String.format(Locale.ROOT, "%.3f", share.share())))
                                    .toList());
        }
    }

    @GetMapping("/admin/cycles")
    String list(
            @RequestParam(defaultValue = "") String queue,
            @RequestParam(defaultValue = "") String job,
            @RequestParam(defaultValue = "" + Long.MAX_VALUE) long before,
            Model model) {
        var filter = filter(queue, job, model);
        var found = filter == null ? List.<Cycles.Kept>of() : cycles.before(before, filter, PAGE + 1);
        model.addAttribute("cycles", found.stream().limit(PAGE).toList());
        if (found.size() > PAGE) {
            model.addAttribute("older", found.get(PAGE - 1).id());
        }
        model.addAttribute("first", before == Long.MAX_VALUE);
        return "queue/cycles";
    }

    @GetMapping("/admin/cycles/{id}")
    String one(
            @PathVariable long id,
            @RequestParam(defaultValue = "") String queue,
            @RequestParam(defaultValue = "") String job,
            Model model) {
        var filter = filter(queue, job, model);
        model.addAttribute("id", id);
        if (filter == null) {
            return "queue/cycle";
        }
        try {
            var account = cycles.account(id, filter, JOBS)
                    .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
            model.addAttribute("account", account);
            model.addAttribute("lines", account.lines().stream().map(Line::of).toList());
        } catch (KeptCycles.BusyException busy) {
            model.addAttribute("trouble", busy.getMessage());
        }
        return "queue/cycle";
    }

    @GetMapping("/admin/cycles/why")
    String why(@RequestParam String first, @RequestParam String second, Model model) {
        model.addAttribute("first", first.strip());
        model.addAttribute("second", second.strip());
        try {
            cycles.why(first.strip(), second.strip()).ifPresent(found -> {
                model.addAttribute("found", found);
                model.addAttribute("sides", List.of(Side.of(found.first()), Side.of(found.second())));
            });
        } catch (KeptCycles.BusyException busy) {
            model.addAttribute("trouble", busy.getMessage());
        }
        return "queue/why";
    }

    /** Null for what cannot be looked for; then the model says why. */
    private static KeptCycles.@Nullable Filter filter(String queue, String job, Model model) {
        var name = queue.strip();
        model.addAttribute("queue", name);
        model.addAttribute("job", job.strip());
        if (!name.isEmpty() && !QueueName.isValid(name)) {
            model.addAttribute("trouble", "there is no queue '%s'".formatted(name));
            return null;
        }
        return new KeptCycles.Filter(name.isEmpty() ? null : new QueueName(name), job.isBlank() ? null : job.strip());
    }
}
