package io.shusuan.web.user;

import io.shusuan.api.security.UserAccounts;
import io.shusuan.db.identity.Role;
import io.shusuan.web.page.Flash;
import java.security.Principal;
import java.util.Optional;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The users, for administrators. Nobody changes their own role or access, so that somebody is always left who can log in. */
@Controller
class UsersController {

    private final UserAccounts accounts;

    UsersController(UserAccounts accounts) {
        this.accounts = accounts;
    }

    @GetMapping("/admin/users")
    String list(Model model) {
        model.addAttribute("users", accounts.all());
        model.addAttribute("roles", Role.values());
        model.addAttribute("minPassword", UserAccounts.MIN_PASSWORD);
        return "user/users";
    }

    @PostMapping("/admin/users")
    String create(
            @RequestParam String name,
            @RequestParam String password,
            @RequestParam Role role,
            RedirectAttributes flash) {
        var fault = accounts.fault(name, password);
        if (fault.isPresent()) {
            Flash.refused("user.create.refused", fault.get(), flash);
            flash.addFlashAttribute("typedName", name);
            return "redirect:/admin/users";
        }
        accounts.create(name, password, role);
        Flash.done("user.create.done", name, flash);
        return "redirect:/admin/users";
    }

    /** An empty password stays what it is. */
    @PostMapping("/admin/users/{name}")
    String change(
            @PathVariable String name,
            @RequestParam Role role,
            @RequestParam(defaultValue = "") String password,
            Principal principal,
            RedirectAttributes flash) {
        if (name.equals(principal.getName())) {
            flash.addFlashAttribute("refused", "user.self");
            return "redirect:/admin/users";
        }
        var fault = password.isEmpty() ? Optional.<String>empty() : accounts.passwordFault(password);
        if (fault.isPresent()) {
            Flash.refused("user.edit.refused", fault.get(), flash);
            return "redirect:/admin/users";
        }
        var change = new UserAccounts.Change(role, null, password.isEmpty() ? null : password);
        accounts.change(name, change).ifPresent(user -> {
            Flash.done("user.edit.done", name, flash);
        });
        return "redirect:/admin/users";
    }

    @PostMapping("/admin/users/{name}/enable")
    String enable(
            @PathVariable String name, @RequestParam boolean enabled, Principal principal, RedirectAttributes flash) {
        if (name.equals(principal.getName())) {
            flash.addFlashAttribute("refused", "user.self");
            return "redirect:/admin/users";
        }
        accounts.enable(name, enabled).ifPresent(user -> {
            Flash.done(enabled ? "user.enable.done" : "user.disable.done", name, flash);
        });
        return "redirect:/admin/users";
    }
}
