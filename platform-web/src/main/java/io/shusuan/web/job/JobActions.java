package io.shusuan.web.job;

import io.shusuan.api.security.Caller;
import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Jobs;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.job.JobControl;
import io.shusuan.scheduler.job.JobNotFoundException;
import io.shusuan.scheduler.job.NameTakenException;
import io.shusuan.scheduler.job.Submission;
import io.shusuan.scheduler.job.Submissions;
import io.shusuan.scheduler.spec.SpecException;
import io.shusuan.web.page.Flash;
import java.security.Principal;
import java.util.UUID;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The buttons of a job. */
@Controller
class JobActions {

    private final Jobs jobs;
    private final JobControl control;
    private final Submissions submissions;

    JobActions(Jobs jobs, JobControl control, Submissions submissions) {
        this.jobs = jobs;
        this.control = control;
        this.submissions = submissions;
    }

    @PostMapping("/jobs/{uuid}/stop")
    String stop(@PathVariable UUID uuid, Principal principal, RedirectAttributes flash) {
        var job = find(uuid);
        var caller = Caller.of(principal);
        caller.requireMayChange(job);
        control.stop(job.id(), caller.name());
        flash.addFlashAttribute("done", "job.stop.done");
        return "redirect:/jobs/" + uuid;
    }

    @PostMapping("/jobs/{uuid}/delete")
    String delete(@PathVariable UUID uuid, Principal principal, RedirectAttributes flash)
            throws ClusterUnavailableException {
        var job = find(uuid);
        Caller.of(principal).requireMayChange(job);
        try {
            control.delete(job.id());
        } catch (JobControl.StillActiveException active) {
            flash.addFlashAttribute("refused", "job.delete.active");
            return "redirect:/jobs/" + uuid;
        } catch (JobControl.StillMountedException mounted) {
            Flash.refused("job.delete.mounted", mounted.user(), flash);
            return "redirect:/jobs/" + uuid;
        }
        Flash.done("job.delete.done", job.name().value(), flash);
        return "redirect:/jobs";
    }

    /** The same bytes once more. What has changed around them since, e.g. a name that is taken, is shown in the editor. */
    @PostMapping("/jobs/{uuid}/again")
    String again(@PathVariable UUID uuid, Principal principal, RedirectAttributes flash) {
        var job = find(uuid);
        try {
            var accepted =
                    submissions.submit(new Submission(job.spec(), job.specMediaType(), principal.getName(), null));
            flash.addFlashAttribute("assumptions", accepted.assumptions());
            flash.addFlashAttribute("done", "job.again.done");
            return "redirect:/jobs/" + accepted.id();
        } catch (SpecException | NameTakenException refused) {
            return "redirect:/jobs/new?again=" + uuid;
        }
    }

    private Job find(UUID uuid) {
        var id = new JobId(uuid);
        return jobs.find(id).orElseThrow(() -> new JobNotFoundException(id));
    }
}
