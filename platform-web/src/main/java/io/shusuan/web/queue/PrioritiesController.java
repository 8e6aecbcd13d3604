package io.shusuan.web.queue;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.queue.PriorityClassBody;
import io.shusuan.db.queue.PriorityClass;
import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.scheduler.sharing.PriorityControl;
import io.shusuan.scheduler.sharing.SharingRefusedException;
import io.shusuan.web.page.Flash;
import java.util.Map;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import tools.jackson.databind.node.JsonNodeFactory;

/** The priority classes: seen by everybody, changed by administrators. */
@Controller
class PrioritiesController {

    private static final String BACK = "redirect:/priority-classes";

    private final PriorityControl priorities;

    PrioritiesController(PriorityControl priorities) {
        this.priorities = priorities;
    }

    @GetMapping("/priority-classes")
    String list(Model model) {
        model.addAttribute("classes", priorities.all());
        model.addAttribute("most", PriorityClass.MOST);
        return "queue/priorities";
    }

    @PostMapping("/admin/priority-classes")
    String change(@RequestParam String name, @RequestParam Map<String, String> sent, RedirectAttributes flash) {
        try {
            var body = JsonNodeFactory.instance.objectNode();
            SentFields.number(sent, "value", body, "value");
            SentFields.text(sent, "description").ifPresent(text -> body.put("description", text));
            priorities.change(PriorityClassBody.read(name.strip(), body));
            Flash.done("priority.done", name.strip(), flash);
        } catch (ProblemException wrong) {
            Flash.refused("priority.refused", wrong.getMessage(), flash);
        }
        return BACK;
    }

    @PostMapping("/admin/priority-classes/{name}/remove")
    String remove(@PathVariable String name, RedirectAttributes flash) {
        if (PriorityClassName.isValid(name)) {
            try {
                priorities.remove(new PriorityClassName(name));
                Flash.done("priority.remove.done", name, flash);
            } catch (SharingRefusedException refused) {
                Flash.refused("priority.remove.refused", refused.getMessage(), flash);
            }
        }
        return BACK;
    }
}
