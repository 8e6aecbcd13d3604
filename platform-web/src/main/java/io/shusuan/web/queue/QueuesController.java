package io.shusuan.web.queue;

import io.shusuan.db.queue.Delegate;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.job.QueueControl;
import io.shusuan.scheduler.sharing.QueueSettings;
import io.shusuan.scheduler.sharing.SharingControl;
import io.shusuan.scheduler.sharing.SharingRefusedException;
import io.shusuan.scheduler.sharing.SharingRefusedException.Cause;
import io.shusuan.web.page.Flash;
import java.security.Principal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The queues, and what administrators do to them: everything below {@code /admin} is theirs alone. */
@Controller
class QueuesController {

    private final QueueControl control;
    private final QueueLoads loads;
    private final SharingControl sharing;

    QueuesController(QueueControl control, QueueLoads loads, SharingControl sharing) {
        this.control = control;
        this.loads = loads;
        this.sharing = sharing;
    }

    /**
     * A queue as a line.
     *
     * @param delegate whom it is handed to; nobody, if the platform admits its jobs
     * @param quotas empty for a queue that may use all that there is
     */
    record QueueView(
            String name,
            QueueState state,
            QueueLoads.Load load,
            @Nullable String cohort,
            @Nullable Delegate delegate,
            List<QuotaLine> quotas) {}

    @GetMapping("/queues")
    String list(Model model) {
        var load = loads.byQueue();
        var all = sharing.read();
        var uses = sharing.uses();
        var balances = uses.balances(all);
        model.addAttribute(
                "queues",
                all.queues().stream()
                        .map(queue -> view(
                                queue,
                                load.getOrDefault(queue.name().value(), QueueLoads.Load.NONE),
                                QuotaLine.of(queue, uses, balances)))
                        .toList());
        model.addAttribute("states", QueueState.values());
        return "queue/list";
    }

    private static QueueView view(QueueSettings queue, QueueLoads.Load load, List<QuotaLine> quotas) {
        var cohort = queue.cohort();
        return new QueueView(
                queue.name().value(),
                queue.state(),
                load,
                cohort == null ? null : cohort.value(),
                queue.delegate(),
                quotas);
    }

    @PostMapping("/admin/queues/{name}/state")
    String become(
            @PathVariable String name,
            @RequestParam QueueState state,
            @RequestParam(defaultValue = "false") boolean confirm,
            Principal principal,
            RedirectAttributes flash) {
        if (QueueName.isValid(name)) {
            try {
                control.become(new QueueName(name), state, confirm, principal.getName());
                Flash.done("queue.done." + state, name, flash);
            } catch (SharingRefusedException wouldEvict) {
                flash.addFlashAttribute("stopping", name);
            }
        }
        return "redirect:/queues";
    }

    @PostMapping("/admin/queues/{name}/remove")
    String remove(@PathVariable String name, Principal principal, RedirectAttributes flash) {
        if (!QueueName.isValid(name)) {
            return "redirect:/queues";
        }
        try {
            sharing.remove(new QueueName(name), principal.getName());
        } catch (SharingRefusedException refused) {
            Flash.refused("queue.remove.refused", refused.getMessage(), flash);
            return refused.reason() == Cause.NOT_FOUND ? "redirect:/queues" : "redirect:/queues/" + name;
        }
        Flash.done("queue.remove.done", name, flash);
        return "redirect:/queues";
    }

    @PostMapping("/admin/queues")
    String create(@RequestParam String name, Principal principal, RedirectAttributes flash) {
        if (QueueName.isValid(name.strip())) {
            control.create(new QueueName(name.strip()), principal.getName());
            Flash.done("queue.create.done", name.strip(), flash);
        } else {
            flash.addFlashAttribute("refused", "queue.create.badName");
        }
        return "redirect:/queues";
    }
}
