package io.shusuan.web.agent;

import io.shusuan.web.live.LivePages;
import java.util.Map;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** The agents and their models. Reports are no changes of jobs, so this page lives by its own rhythm. */
@Controller
class AgentsController {

    private final Agents agents;
    private final LivePages livePages;

    AgentsController(Agents agents, LivePages livePages) {
        this.agents = agents;
        this.livePages = livePages;
    }

    @GetMapping("/agents")
    String list(Model model) {
        model.addAttribute("agents", agents.all());
        return "agent/list";
    }

    @GetMapping("/agents/live")
    SseEmitter live() {
        return livePages.open(
                job -> false,
                outlet -> outlet.fragment("agents", "agent/list :: agents", Map.of("agents", agents.all())));
    }
}
