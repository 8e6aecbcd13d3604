package io.shusuan.web.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobKind;
import io.shusuan.db.job.JobSearch;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.JobSummary;
import io.shusuan.db.job.Jobs;
import io.shusuan.db.queue.Queues;
import io.shusuan.web.live.LivePages;
import io.shusuan.web.live.Outlet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** The list of jobs. */
@Controller
class JobsController {

    private static final int PAGE = 50;

    private final JobSearch search;
    private final Jobs jobs;
    private final Queues queues;
    private final LivePages livePages;

    JobsController(JobSearch search, Jobs jobs, Queues queues, LivePages livePages) {
        this.search = search;
        this.jobs = jobs;
        this.queues = queues;
        this.livePages = livePages;
    }

    @GetMapping("/jobs")
    String list(JobsQuery query, Model model) {
        var found = find(query);
        model.addAttribute("query", query);
        model.addAttribute("jobs", found.jobs());
        model.addAttribute("older", found.next() == null ? null : query.older(found.next()));
        model.addAttribute("newer", query.firstPage() ? null : query.newer());
        model.addAttribute(
                "live", query.live(found.jobs().stream().map(JobSummary::id).toList()));
        model.addAttribute("states", JobState.values());
        model.addAttribute("kinds", JobKind.values());
        model.addAttribute("queues", queues.all());
        return "job/list";
    }

    /**
     * Sends the rows of the page that change, also those that leave the filter by it, and whether newer jobs have come.
     *
     * @param rows the jobs that the page shows, which may have been painted long before this stream was opened
     */
    @GetMapping("/jobs/live")
    SseEmitter live(JobsQuery query, @RequestParam(defaultValue = "") String rows) {
        var shown = JobsQuery.rows(rows, PAGE);
        return livePages.open(job -> true, outlet -> show(query, shown, outlet));
    }

    private void show(JobsQuery query, List<JobId> shown, Outlet outlet) throws Outlet.ClosedException {
        var now = find(query).jobs();
        var gone = new HashSet<>(shown);
        for (var job : now) {
            if (gone.remove(job.id())) {
                outlet.fragment("job-" + job.id(), "job/list :: row", Map.of("job", job));
            }
        }
        for (var id : gone) {
            var row = jobs.find(id).map(JobRows::summary);
            if (row.isPresent()) {
                outlet.fragment("job-" + id, "job/list :: row", Map.of("job", row.get()));
            } else {
                outlet.fragment("job-" + id, "job/list :: deleted", Map.of("id", id.toString()));
            }
        }
        if (query.firstPage()) {
            var newest = shown.isEmpty() ? null : shown.getFirst();
            var news = now.stream()
                    .filter(job -> newest == null || job.id().compareTo(newest) > 0)
                    .count();
            outlet.fragment("news", "job/list :: news", Map.of("news", news));
        }
    }

    private JobSearch.Page find(JobsQuery query) {
        return search.find(query.filter(), query.cursor().orElse(null), PAGE);
    }
}
