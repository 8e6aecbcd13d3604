package io.shusuan.web.cluster;

import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.job.Occupancy;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** The nodes, and who has what of them. */
@Controller
class NodesController {

    private final Occupancy occupancy;

    NodesController(Occupancy occupancy) {
        this.occupancy = occupancy;
    }

    @GetMapping("/nodes")
    String list(
            @RequestParam(defaultValue = "") String text, @RequestParam(defaultValue = "0") String page, Model model) {
        model.addAttribute("text", text.strip());
        int number = page.matches("\\d{1,6}") ? Integer.parseInt(page) : 0;
        model.addAttribute("number", number);
        try {
            model.addAttribute("nodes", NodesPage.of(occupancy.nodes(), text.strip(), number));
        } catch (ClusterUnavailableException away) {
            model.addAttribute("trouble", away.getMessage());
        }
        return "cluster/nodes";
    }
}
