package io.shusuan.web.user;

import io.shusuan.api.security.OwnPassword;
import io.shusuan.api.security.UserAccounts;
import io.shusuan.web.page.Flash;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** A user's own password. */
@Controller
class PasswordController {

    private final OwnPassword password;

    PasswordController(OwnPassword password) {
        this.password = password;
    }

    @GetMapping("/password")
    String show(Model model) {
        model.addAttribute("minPassword", UserAccounts.MIN_PASSWORD);
        return "user/password";
    }

    @PostMapping("/password")
    String change(
            HttpServletRequest request,
            @RequestParam String current,
            @RequestParam String next,
            RedirectAttributes flash) {
        var fault = password.change(request, current, next);
        if (fault.isPresent()) {
            Flash.refused("password.refused", fault.get(), flash);
        } else {
            flash.addFlashAttribute("done", "password.done");
        }
        return "redirect:/password";
    }
}
