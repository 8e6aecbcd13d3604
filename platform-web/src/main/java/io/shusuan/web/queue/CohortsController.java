package io.shusuan.web.queue;

import io.shusuan.api.queue.CohortBody;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.SettingsHistory;
import io.shusuan.scheduler.job.WhatIf;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.sharing.CohortSettings;
import io.shusuan.scheduler.sharing.Sharing;
import io.shusuan.scheduler.sharing.SharingControl;
import io.shusuan.scheduler.sharing.SharingRefusedException;
import io.shusuan.web.page.Flash;
import jakarta.servlet.http.HttpServletResponse;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The cohorts: seen by everybody, changed by administrators, who see beforehand whom that concerns. */
@Controller
class CohortsController {

    private static final int CHANGES = 50;

    private final SharingControl sharing;
    private final WhatIf whatIf;
    private final SettingsHistory history;

    CohortsController(SharingControl sharing, WhatIf whatIf, SettingsHistory history) {
        this.sharing = sharing;
        this.whatIf = whatIf;
        this.history = history;
    }

    @GetMapping("/cohorts")
    String list(Model model) {
        model.addAttribute("rows", new CohortTree(sharing.read(), sharing.uses()).rows());
        return "queue/cohorts";
    }

    @GetMapping("/cohorts/{name}")
    String page(@PathVariable String name, Model model) {
        var all = sharing.read();
        var cohort = known(all, name);
        var uses = sharing.uses();
        var tree = new CohortTree(all, uses);
        model.addAttribute("cohort", cohort);
        model.addAttribute("together", tree.together(cohort));
        model.addAttribute("cohorts", tree.within(cohort.name()));
        model.addAttribute(
                "queues",
                tree.queuesOf(cohort.name()).stream()
                        .map(queue -> new Member(
                                queue.name().value(), queue.weight(), QuotaLine.of(queue, uses, tree.balances())))
                        .toList());
        model.addAttribute("rows", QuotaRows.of(cohort.quotas(), all));
        model.addAttribute("history", history.of(SettingsHistory.Kind.COHORT, name, CHANGES));
        return "queue/cohort";
    }

    /** A queue of a cohort. */
    record Member(String name, double weight, List<QuotaLine> quotas) {}

    @PostMapping("/admin/cohorts")
    String create(@RequestParam String name, Principal principal, RedirectAttributes flash) {
        var asked = name.strip();
        if (!QueueName.isValid(asked)) {
            flash.addFlashAttribute("refused", "cohort.create.badName");
            return "redirect:/cohorts";
        }
        if (sharing.read().cohort(new CohortName(asked)).isPresent()) {
            flash.addFlashAttribute("refused", "cohort.create.taken");
            return "redirect:/cohorts";
        }
        sharing.change(new CohortSettings(new CohortName(asked), null, 1, List.of()), false, principal.getName());
        Flash.done("cohort.create.done", asked, flash);
        return "redirect:/admin/cohorts/%s/settings".formatted(asked);
    }

    @PostMapping("/admin/cohorts/{name}/remove")
    String remove(@PathVariable String name, Principal principal, RedirectAttributes flash) {
        var cohort = known(sharing.read(), name).name();
        try {
            sharing.remove(cohort, principal.getName());
        } catch (SharingRefusedException refused) {
            Flash.refused("cohort.remove.refused", refused.getMessage(), flash);
            return "redirect:/cohorts/" + cohort;
        }
        Flash.done("cohort.remove.done", name, flash);
        return "redirect:/cohorts";
    }

    @GetMapping("/admin/cohorts/{name}/settings")
    String form(@PathVariable String name, Model model) {
        var all = sharing.read();
        model.addAttribute("form", CohortForm.of(known(all, name), all));
        return "queue/cohort-settings";
    }

    @PostMapping("/admin/cohorts/{name}/settings/preview")
    String preview(@PathVariable String name, @RequestParam Map<String, String> sent, Model model) {
        known(sharing.read(), name);
        return SettingsOutcome.of(
                () -> CohortForm.json(sent),
                body -> model.addAttribute("preview", whatIf.changed(CohortBody.read(name, body))),
                model);
    }

    @PostMapping("/admin/cohorts/{name}/settings")
    String save(
            @PathVariable String name,
            @RequestParam(defaultValue = "false") boolean confirm,
            @RequestParam Map<String, String> sent,
            Principal principal,
            Model model,
            HttpServletResponse response) {
        known(sharing.read(), name);
        return SettingsOutcome.of(
                () -> CohortForm.json(sent),
                body -> {
                    sharing.change(CohortBody.read(name, body), confirm, principal.getName());
                    response.setHeader("HX-Redirect", "/cohorts/" + name);
                },
                model);
    }

    private static CohortSettings known(Sharing all, String name) {
        var found = QueueName.isValid(name) ? all.cohort(new CohortName(name)) : Optional.<CohortSettings>empty();
        return found.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }
}
