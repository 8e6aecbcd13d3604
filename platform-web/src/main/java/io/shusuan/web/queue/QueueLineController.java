package io.shusuan.web.queue;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.queue.JobPriorityBody;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Jobs;
import io.shusuan.db.job.WrongStateException;
import io.shusuan.scheduler.job.JobControl;
import io.shusuan.scheduler.job.JobNotFoundException;
import io.shusuan.scheduler.sharing.SharingRefusedException;
import io.shusuan.web.page.Flash;
import java.security.Principal;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import tools.jackson.databind.node.JsonNodeFactory;

/** Puts the line of a queue into another order. */
@Controller
class QueueLineController {

    private final Jobs jobs;
    private final JobControl control;

    QueueLineController(Jobs jobs, JobControl control) {
        this.jobs = jobs;
        this.control = control;
    }

    /** The field takes a number or the name of a class. */
    @PostMapping("/admin/jobs/{uuid}/priority")
    String prioritise(
            @PathVariable UUID uuid,
            @RequestParam Map<String, String> sent,
            Principal principal,
            RedirectAttributes flash) {
        var id = new JobId(uuid);
        var job = jobs.find(id).orElseThrow(() -> new JobNotFoundException(id));
        try {
            var body = JsonNodeFactory.instance.objectNode();
            SentFields.number(sent, "priority", body, "priority");
            if (body.path("priority").isString()) {
                body.set("priorityClass", body.remove("priority"));
            }
            control.prioritise(id, JobPriorityBody.read(body), principal.getName());
            Flash.done("queue.line.done", job.name().value(), flash);
        } catch (ProblemException | SharingRefusedException | WrongStateException refused) {
            Flash.refused("priority.refused", refused.getMessage(), flash);
        }
        return "redirect:/queues/" + job.queue();
    }
}
