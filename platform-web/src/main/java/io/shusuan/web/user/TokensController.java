package io.shusuan.web.user;

import io.shusuan.api.security.Tokens;
import java.security.Principal;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** A user's own tokens. A new one is shown on the page that follows its making, and never again. */
@Controller
class TokensController {

    private static final int LONGEST_LABEL = 100;

    private final Tokens tokens;
    private final Clock clock;

    TokensController(Tokens tokens, Clock clock) {
        this.tokens = tokens;
        this.clock = clock;
    }

    @GetMapping("/tokens")
    String list(Principal principal, Model model) {
        model.addAttribute("tokens", tokens.of(principal.getName()));
        model.addAttribute("now", clock.instant());
        return "user/tokens";
    }

    @PostMapping("/tokens")
    String issue(
            @RequestParam String label,
            @RequestParam(defaultValue = "0") int days,
            Principal principal,
            RedirectAttributes flash) {
        var named = label.strip();
        if (named.isEmpty() || named.length() > LONGEST_LABEL) {
            flash.addFlashAttribute("refused", "token.badLabel");
            return "redirect:/tokens";
        }
        var issued = tokens.issue(principal.getName(), named, days <= 0 ? null : Duration.ofDays(Math.min(days, 3650)));
        flash.addFlashAttribute("issued", issued.token());
        return "redirect:/tokens";
    }

    @PostMapping("/tokens/{id}/revoke")
    String revoke(@PathVariable UUID id, Principal principal, RedirectAttributes flash) {
        if (tokens.revoke(principal.getName(), id)) {
            flash.addFlashAttribute("done", "token.revoke.done");
        }
        return "redirect:/tokens";
    }
}
