package io.shusuan.web.queue;

import io.shusuan.api.queue.FlavourBody;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.SettingsHistory;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.job.WhatIf;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.sharing.Flavour;
import io.shusuan.scheduler.sharing.Sharing;
import io.shusuan.scheduler.sharing.SharingControl;
import io.shusuan.scheduler.sharing.SharingRefusedException;
import io.shusuan.web.page.Flash;
import jakarta.servlet.http.HttpServletResponse;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The flavours: seen by everybody, changed by administrators, who see beforehand which nodes and jobs that concerns. */
@Controller
class FlavoursController {

    private static final int CHANGES = 50;

    private final SharingControl sharing;
    private final Cluster cluster;
    private final WhatIf whatIf;
    private final SettingsHistory history;

    FlavoursController(SharingControl sharing, Cluster cluster, WhatIf whatIf, SettingsHistory history) {
        this.sharing = sharing;
        this.cluster = cluster;
        this.whatIf = whatIf;
        this.history = history;
    }

    /**
     * A flavour, and who has to do with it.
     *
     * @param nodes that are of it now
     * @param queues that have a quota of it
     * @param cohorts likewise
     */
    record View(
            String name, Map<String, String> labels, List<String> nodes, List<String> queues, List<String> cohorts) {}

    @GetMapping("/flavours")
    String list(Model model) {
        var all = sharing.read();
        var nodes = nodes();
        model.addAttribute(
                "flavours",
                all.flavours().stream()
                        .map(flavour -> view(flavour, all, nodes))
                        .toList());
        model.addAttribute(
                "without",
                nodes.stream()
                        .filter(node -> all.flavourOf(node.labels()).isEmpty())
                        .map(Capacity.Node::name)
                        .toList());
        return "queue/flavours";
    }

    @GetMapping("/flavours/{name}")
    String page(@PathVariable String name, Model model) {
        var all = sharing.read();
        model.addAttribute("flavour", view(known(all, name), all, nodes()));
        model.addAttribute("history", history.of(SettingsHistory.Kind.FLAVOUR, name, CHANGES));
        return "queue/flavour";
    }

    /** Without the cluster the page says nothing of nodes; that it cannot be asked stands above each page. */
    private List<Capacity.Node> nodes() {
        try {
            return cluster.capacity().nodes();
        } catch (ClusterUnavailableException away) {
            return List.of();
        }
    }

    private static View view(Flavour flavour, Sharing all, List<Capacity.Node> nodes) {
        var name = flavour.name();
        return new View(
                name.value(),
                new TreeMap<>(flavour.labels()),
                nodes.stream()
                        .filter(node -> all.flavourOf(node.labels())
                                .filter(name::equals)
                                .isPresent())
                        .map(Capacity.Node::name)
                        .sorted()
                        .toList(),
                all.queues().stream()
                        .filter(queue -> hasOf(name, queue.quotas()))
                        .map(queue -> queue.name().value())
                        .toList(),
                all.cohorts().stream()
                        .filter(cohort -> hasOf(name, cohort.quotas()))
                        .map(cohort -> cohort.name().value())
                        .toList());
    }

    private static boolean hasOf(FlavourName flavour, List<Quota> quotas) {
        return quotas.stream().anyMatch(quota -> quota.flavour().equals(flavour));
    }

    /** A new one is only made with its labels: one without any would fit all nodes that no other one fits. */
    @GetMapping("/admin/flavours/new")
    String making(@RequestParam String name, Model model, RedirectAttributes flash) {
        var asked = name.strip();
        if (!QueueName.isValid(asked)) {
            flash.addFlashAttribute("refused", "flavour.create.badName");
            return "redirect:/flavours";
        }
        if (sharing.read().flavour(new FlavourName(asked)).isPresent()) {
            flash.addFlashAttribute("refused", "flavour.create.taken");
            return "redirect:/flavours";
        }
        return form(asked, Map.of(), model);
    }

    @GetMapping("/admin/flavours/{name}/settings")
    String form(@PathVariable String name, Model model) {
        return form(name, known(sharing.read(), name).labels(), model);
    }

    private static String form(String name, Map<String, String> labels, Model model) {
        model.addAttribute("name", name);
        model.addAttribute("labels", LabelLines.of(labels));
        return "queue/flavour-settings";
    }

    @PostMapping("/admin/flavours/{name}/settings/preview")
    String preview(@PathVariable String name, @RequestParam Map<String, String> sent, Model model) {
        return SettingsOutcome.of(
                () -> LabelLines.json(sent),
                body -> model.addAttribute("preview", whatIf.changed(FlavourBody.read(name, body))),
                model);
    }

    @PostMapping("/admin/flavours/{name}/settings")
    String save(
            @PathVariable String name,
            @RequestParam Map<String, String> sent,
            Principal principal,
            Model model,
            HttpServletResponse response) {
        return SettingsOutcome.of(
                () -> LabelLines.json(sent),
                body -> {
                    sharing.change(FlavourBody.read(name, body), principal.getName());
                    response.setHeader("HX-Redirect", "/flavours/" + name);
                },
                model);
    }

    @PostMapping("/admin/flavours/{name}/remove")
    String remove(@PathVariable String name, Principal principal, RedirectAttributes flash) {
        var flavour = known(sharing.read(), name).name();
        try {
            sharing.remove(flavour, principal.getName());
        } catch (SharingRefusedException refused) {
            Flash.refused("flavour.remove.refused", refused.getMessage(), flash);
            return "redirect:/flavours/" + flavour;
        }
        Flash.done("flavour.remove.done", name, flash);
        return "redirect:/flavours";
    }

    private static Flavour known(Sharing all, String name) {
        var found = QueueName.isValid(name) ? all.flavour(new FlavourName(name)) : Optional.<Flavour>empty();
        return found.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }
}
