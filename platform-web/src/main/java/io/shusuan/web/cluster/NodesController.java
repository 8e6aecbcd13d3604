package io.shusuan.web.cluster;

import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.NodeMode;
import io.shusuan.scheduler.job.JobNotFoundException;
import io.shusuan.scheduler.job.NodeControl;
import io.shusuan.scheduler.job.Occupancy;
import io.shusuan.scheduler.sharing.SharingRefusedException;
import io.shusuan.web.live.LivePages;
import io.shusuan.web.page.Flash;
import io.shusuan.web.page.LocalPath;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The nodes, who has what of them, and which of them take work. */
@Controller
class NodesController {

    private final Occupancy occupancy;
    private final NodeControl control;

    private final NodeStates states;
    private final LivePages livePages;

    NodesController(Occupancy occupancy, NodeControl control, NodeStates states, LivePages livePages) {
        this.occupancy = occupancy;
        this.control = control;
        this.states = states;
        this.livePages = livePages;
    }

    @GetMapping("/nodes")
    String list(
            @RequestParam(defaultValue = "") String text, @RequestParam(defaultValue = "0") String page, Model model) {
        model.addAttribute("text", text.strip());
        int number = page.matches("\\d{1,6}") ? Integer.parseInt(page) : 0;
        model.addAttribute("number", number);
        try {
            model.addAttribute("nodes", NodesPage.of(occupancy.nodes(), text.strip(), number, states::of));
        } catch (ClusterUnavailableException away) {
            model.addAttribute("trouble", away.getMessage());
        }
        return "cluster/nodes";
    }

    @GetMapping("/nodes/{name}")
    String one(@PathVariable String name, Model model) {
        model.addAttribute("name", name);
        model.addAllAttributes(shown(name));
        return "cluster/node";
    }

    @GetMapping("/nodes/{name}/live")
    SseEmitter live(@PathVariable String name) {
        return livePages.open(
                job -> false, outlet -> outlet.fragment("node", "cluster/node :: state", shownUntilGone(name)));
    }

    private Map<String, Object> shownUntilGone(String name) {
        try {
            return shown(name);
        } catch (JobNotFoundException gone) {
            return Map.of("trouble", Objects.toString(gone.getMessage()));
        }
    }

    private Map<String, Object> shown(String name) {
        try {
            var node = occupancy.nodes().stream()
                    .filter(each -> each.node().name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new JobNotFoundException("there is no node '%s'".formatted(name)));
            return Map.of("node", NodeRow.of(node, states.of(List.of(node)).get(name)));
        } catch (ClusterUnavailableException away) {
            return Map.of("trouble", Objects.toString(away.getMessage()));
        }
    }

    /**
     * A drain that would have jobs leave is asked about first.
     *
     * @param back the page it was asked for on: of many nodes, or one
     */
    @PostMapping("/admin/nodes/{name}/mode")
    String setMode(
            @PathVariable String name,
            @RequestParam NodeMode mode,
            @RequestParam(defaultValue = "false") boolean confirm,
            @RequestParam(defaultValue = "/nodes") String back,
            Principal principal,
            RedirectAttributes flash) {
        try {
            control.setMode(name, mode, confirm, principal.getName());
            Flash.done("nodes.done." + mode, name, flash);
        } catch (SharingRefusedException wouldEvict) {
            flash.addFlashAttribute("draining", name);
        } catch (ClusterRefusedException | ClusterUnavailableException | JobNotFoundException refused) {
            flash.addFlashAttribute("refusal", refused.getMessage());
        }
        return "redirect:" + LocalPath.of(back);
    }
}
