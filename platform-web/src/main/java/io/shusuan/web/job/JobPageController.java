package io.shusuan.web.job;

import io.shusuan.api.security.Caller;
import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobEvents;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobSearch;
import io.shusuan.db.job.Jobs;
import io.shusuan.db.job.StartForecasts;
import io.shusuan.db.job.TaskRoleRow;
import io.shusuan.db.job.TaskRoles;
import io.shusuan.scheduler.job.JobNotFoundException;
import io.shusuan.web.agent.Agents;
import io.shusuan.web.live.LivePages;
import io.shusuan.web.live.Outlet;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** One job: its head, and below it the tab that the address names. */
@Controller
class JobPageController {

    private static final int EVENTS = 500;

    private final Jobs jobs;
    private final JobSearch search;
    private final StartForecasts forecasts;
    private final JobTasks tasks;
    private final TaskRoles roles;
    private final JobEvents events;
    private final Agents agents;
    private final LivePages livePages;

    JobPageController(
            Jobs jobs,
            JobSearch search,
            StartForecasts forecasts,
            JobTasks tasks,
            TaskRoles roles,
            JobEvents events,
            Agents agents,
            LivePages livePages) {
        this.jobs = jobs;
        this.search = search;
        this.forecasts = forecasts;
        this.tasks = tasks;
        this.roles = roles;
        this.events = events;
        this.agents = agents;
        this.livePages = livePages;
    }

    @GetMapping("/jobs/{uuid}")
    String job(
            @PathVariable UUID uuid,
            @RequestParam(defaultValue = "") String tab,
            @RequestParam(required = false) @Nullable String attempt,
            Principal principal,
            Model model) {
        var id = new JobId(uuid);
        var job = find(id);
        var shown = JobTab.of(tab);
        model.addAttribute("head", head(job, Caller.of(principal)));
        model.addAttribute("tab", shown);
        model.addAttribute("tabs", JobTab.values());
        model.addAllAttributes(content(shown, job));
        switch (shown) {
            case LOGS -> {
                if (attempt != null) {
                    model.addAttribute("attempt", attempt);
                }
            }
            case SPEC -> model.addAttribute("spec", new String(job.spec(), StandardCharsets.UTF_8));
            case TASKS, EVENTS, METRICS -> {}
        }
        return "job/detail";
    }

    @GetMapping("/jobs/{uuid}/live")
    SseEmitter live(
            @PathVariable UUID uuid,
            @RequestParam(defaultValue = "") String tab,
            @RequestParam(defaultValue = "false") boolean awaitsOutput,
            Principal principal) {
        var id = new JobId(uuid);
        find(id);
        var shown = JobTab.of(tab);
        var caller = Caller.of(principal);
        return livePages.open(id::equals, outlet -> show(id, shown, awaitsOutput, caller, outlet));
    }

    private void show(JobId id, JobTab tab, boolean awaitsOutput, Caller caller, Outlet outlet)
            throws Outlet.ClosedException {
        var found = jobs.find(id);
        if (found.isEmpty()) {
            outlet.fragment("head", "job/detail :: deleted", Map.of());
            return;
        }
        var job = found.get();
        outlet.fragment("head", "job/detail :: head", Map.of("head", head(job, caller)));
        switch (tab) {
            case TASKS -> outlet.fragment("tasks", "job/tasks :: tasks", content(tab, job));
            case EVENTS -> outlet.fragment("events", "job/events :: events", content(tab, job));
            case METRICS -> outlet.fragment("metrics", "job/metrics :: metrics", content(tab, job));
            case LOGS -> {
                if (awaitsOutput) {
                    begin(job, outlet);
                }
            }
            case SPEC -> {}
        }
    }

    /** Puts the output in the place of the word that there is none yet. */
    private void begin(Job job, Outlet outlet) throws Outlet.ClosedException {
        var content = content(JobTab.LOGS, job);
        if (content.get("attempt") != null) {
            outlet.fragment("logs", "job/logs :: logs", content);
        }
    }

    /** What a tab shows that may change while it is shown. */
    private Map<String, Object> content(JobTab tab, Job job) {
        var id = job.id();
        var content = new HashMap<String, Object>();
        content.put("jobId", id.toString());
        switch (tab) {
            case TASKS, LOGS -> {
                var found = tasks.of(id);
                content.put("tasks", found.tasks());
                content.put("more", found.more());
                content.put("attempt", newestAttempt(found));
            }
            case EVENTS ->
                content.put(
                        "events",
                        events.newestOf(id, EVENTS).stream().map(EventView::of).toList());
            case METRICS -> {
                content.put(
                        "roles",
                        roles.of(id).stream()
                                .map(role -> RoleView.of(role, job.placement()))
                                .toList());
                content.put("agents", agents.of(id));
            }
            case SPEC -> {}
        }
        return content;
    }

    /** Of the first task that has one. */
    private static @Nullable String newestAttempt(JobTasks.Shown shown) {
        return shown.tasks().stream()
                .flatMap(task -> task.tries().stream())
                .map(TaskView.Try::uid)
                .findFirst()
                .orElse(null);
    }

    private JobHead head(Job job, Caller caller) {
        var estimate = forecasts
                .of(job.id())
                .map(told -> Estimate.of(told, forecasts.past(job.queue(), told.basis())))
                .orElse(null);
        var asked = job.placement().isEmpty() ? List.<TaskRoleRow>of() : roles.of(job.id());
        return JobHead.of(job, asked, search.position(job), estimate, caller);
    }

    private Job find(JobId id) {
        return jobs.find(id).orElseThrow(() -> new JobNotFoundException(id));
    }
}
