package io.shusuan.web.job;

import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.job.JobCheck;
import io.shusuan.scheduler.job.JobNotFoundException;
import io.shusuan.scheduler.job.NameTakenException;
import io.shusuan.scheduler.job.Submission;
import io.shusuan.scheduler.job.Submissions;
import io.shusuan.scheduler.spec.SpecException;
import io.shusuan.web.job.Samples.Sample;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The page that takes a new job. Whatever is wrong with a text, it comes back as it was typed. */
@Controller
class NewJobController {

    private final Submissions submissions;
    private final JobCheck check;
    private final Jobs jobs;
    private final Samples samples;

    NewJobController(Submissions submissions, JobCheck check, Jobs jobs, Samples samples) {
        this.submissions = submissions;
        this.check = check;
        this.jobs = jobs;
        this.samples = samples;
    }

    /** Begins with a sample, with the copy of a job under a fresh name, or with the very text of a job and what is wrong with it. */
    @GetMapping("/jobs/new")
    String begin(
            @RequestParam(defaultValue = "") String template,
            @RequestParam(required = false) @Nullable UUID from,
            @RequestParam(required = false) @Nullable UUID again,
            Model model) {
        if (again != null) {
            var text = text(again);
            return page(text, judge(() -> read(text)), model);
        }
        if (from != null) {
            return page(FreshName.in(text(from)), new Verdict.Unasked(), model);
        }
        model.addAttribute("template", template);
        return page(samples.find(template).map(Sample::text).orElse(""), new Verdict.Unasked(), model);
    }

    @PostMapping("/jobs/check")
    String check(@RequestParam String text, Principal principal, Model model) {
        var typed = normal(text);
        model.addAttribute("verdict", judge(() -> foresee(typed, principal.getName())));
        return "job/new :: verdict";
    }

    @PostMapping("/jobs")
    String submit(
            @RequestParam String text,
            Principal principal,
            Model model,
            RedirectAttributes flash,
            HttpServletResponse response) {
        var typed = normal(text);
        try {
            var accepted = submissions.submit(new Submission(
                    typed.getBytes(StandardCharsets.UTF_8), "application/yaml", principal.getName(), null));
            flash.addFlashAttribute("done", "job.new.done");
            flash.addFlashAttribute("assumptions", accepted.assumptions());
            return "redirect:/jobs/" + accepted.id();
        } catch (SpecException wrong) {
            response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
            return page(typed, Verdict.of(wrong), model);
        } catch (NameTakenException taken) {
            response.setStatus(HttpStatus.CONFLICT.value());
            return page(typed, new Verdict.NameTaken(taken.holder()), model);
        }
    }

    private String page(String text, Verdict verdict, Model model) {
        model.addAttribute("text", text);
        model.addAttribute("verdict", verdict);
        model.addAttribute("samples", samples.all());
        return "job/new";
    }

    private Verdict judge(Supplier<Verdict.Good> reading) {
        try {
            var good = reading.get();
            return jobs.findByName(good.spec().name().value(), JobState.ACTIVE)
                    .<Verdict>map(holder -> new Verdict.NameTaken(holder.id()))
                    .orElse(good);
        } catch (SpecException wrong) {
            return Verdict.of(wrong);
        }
    }

    private Verdict.Good read(String text) {
        var parsed = submissions.check(text.getBytes(StandardCharsets.UTF_8));
        return new Verdict.Good(parsed.spec(), parsed.assumptions(), null);
    }

    private Verdict.Good foresee(String text, String owner) {
        try {
            var checked = check.check(text.getBytes(StandardCharsets.UTF_8), owner);
            return new Verdict.Good(checked.spec(), checked.assumptions(), Outlook.of(checked));
        } catch (ClusterUnavailableException away) {
            return read(text);
        }
    }

    private String text(UUID uuid) {
        var id = new JobId(uuid);
        return jobs.find(id)
                .map(Job::spec)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .orElseThrow(() -> new JobNotFoundException(id));
    }

    /** Forms send line ends as CR LF; people typed one key. */
    private static String normal(String text) {
        return text.replace("\r\n", "\n");
    }
}
