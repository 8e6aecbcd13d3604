package io.shusuan.web.queue;

import io.shusuan.api.queue.QueueBody;
import io.shusuan.db.queue.Delegate;
import io.shusuan.db.queue.PriorityClasses;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.idle.IdlePreview;
import io.shusuan.scheduler.job.Delegations;
import io.shusuan.scheduler.job.WhatIf;
import io.shusuan.scheduler.queue.quota.Reclaim;
import io.shusuan.scheduler.sharing.IdlePolicy;
import io.shusuan.scheduler.sharing.PriorityControl;
import io.shusuan.scheduler.sharing.QueueSettings;
import io.shusuan.scheduler.sharing.Sharing;
import io.shusuan.scheduler.sharing.SharingControl;
import jakarta.servlet.http.HttpServletResponse;
import java.security.Principal;
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

/** What a queue may use: changed by administrators, who see beforehand whom that concerns. */
@Controller
class QueueSettingsController {

    private final SharingControl sharing;
    private final PriorityControl priorities;
    private final WhatIf whatIf;
    private final IdlePreview idle;
    private final Delegations delegations;

    QueueSettingsController(
            SharingControl sharing,
            PriorityControl priorities,
            WhatIf whatIf,
            IdlePreview idle,
            Delegations delegations) {
        this.sharing = sharing;
        this.priorities = priorities;
        this.whatIf = whatIf;
        this.idle = idle;
        this.delegations = delegations;
    }

    @GetMapping("/admin/queues/{name}/settings")
    String form(@PathVariable String name, Model model) {
        var all = sharing.read();
        model.addAttribute(
                "form",
                QueueForm.of(
                        known(all, name),
                        all,
                        priorities.all().stream()
                                .map(PriorityClasses.Used::priority)
                                .toList()));
        model.addAttribute("reclaims", Reclaim.values());
        model.addAttribute("idleActions", IdlePolicy.Action.values());
        model.addAttribute("schedulers", Delegate.Scheduler.values());
        return "queue/settings";
    }

    @PostMapping("/admin/queues/{name}/settings/preview")
    String preview(@PathVariable String name, @RequestParam Map<String, String> sent, Model model) {
        var queue = known(sharing.read(), name).name();
        return SettingsOutcome.of(
                () -> QueueForm.json(sent),
                body -> {
                    var settings = QueueBody.read(queue, body);
                    delegations.check(settings);
                    model.addAttribute("preview", whatIf.changed(settings));
                    model.addAttribute("idle", idle.of(queue, settings.idle()));
                },
                model);
    }

    @PostMapping("/admin/queues/{name}/settings")
    String save(
            @PathVariable String name,
            @RequestParam(defaultValue = "false") boolean confirm,
            @RequestParam Map<String, String> sent,
            Principal principal,
            Model model,
            HttpServletResponse response) {
        var queue = known(sharing.read(), name).name();
        return SettingsOutcome.of(
                () -> QueueForm.json(sent),
                body -> {
                    var settings = QueueBody.read(queue, body);
                    delegations.check(settings);
                    sharing.change(settings, confirm, principal.getName());
                    response.setHeader("HX-Redirect", "/queues");
                },
                model);
    }

    private static QueueSettings known(Sharing all, String name) {
        var found = QueueName.isValid(name) ? all.queue(new QueueName(name)) : Optional.<QueueSettings>empty();
        return found.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }
}
