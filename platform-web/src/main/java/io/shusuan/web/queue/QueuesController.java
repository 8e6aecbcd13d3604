package io.shusuan.web.queue;

import io.shusuan.db.queue.Queue;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.job.QueueControl;
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

    QueuesController(QueueControl control, QueueLoads loads) {
        this.control = control;
        this.loads = loads;
    }

    /** A queue as a line. */
    record QueueView(String name, boolean held, QueueLoads.Load load) {}

    @GetMapping("/queues")
    String list(Model model) {
        var load = loads.byQueue();
        model.addAttribute(
                "queues",
                control.all().stream()
                        .map(queue -> view(queue, load.getOrDefault(queue.name().value(), QueueLoads.Load.NONE)))
                        .toList());
        return "queue/list";
    }

    private static QueueView view(Queue queue, QueueLoads.Load load) {
        return new QueueView(queue.name().value(), queue.held(), load);
    }

    @PostMapping("/admin/queues/{name}/hold")
    String hold(@PathVariable String name, @RequestParam boolean held, RedirectAttributes flash) {
        if (QueueName.isValid(name)) {
            control.hold(new QueueName(name), held);
            flash.addFlashAttribute("done", held ? "queue.hold.done" : "queue.resume.done");
            flash.addFlashAttribute("doneName", name);
        }
        return "redirect:/queues";
    }

    @PostMapping("/admin/queues")
    String create(@RequestParam String name, RedirectAttributes flash) {
        if (QueueName.isValid(name.strip())) {
            control.create(new QueueName(name.strip()));
            flash.addFlashAttribute("done", "queue.create.done");
            flash.addFlashAttribute("doneName", name.strip());
        } else {
            flash.addFlashAttribute("refused", "queue.create.badName");
        }
        return "redirect:/queues";
    }
}
