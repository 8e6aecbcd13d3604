package io.shusuan.web.page;

import io.shusuan.db.identity.Users;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.security.Principal;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** Switches the language of the portal, for the user wherever they log in. */
@Controller
class LanguageController {

    private final PortalLocale locales;
    private final Users users;

    LanguageController(PortalLocale locales, Users users) {
        this.locales = locales;
        this.users = users;
    }

    @PostMapping("/language")
    String speak(
            @RequestParam String language,
            @RequestParam(defaultValue = "/") String back,
            Principal principal,
            HttpServletRequest request,
            HttpServletResponse response) {
        PortalLocale.spoken(language).ifPresent(locale -> {
            users.findById(principal.getName()).ifPresent(user -> {
                user.speak(locale.toLanguageTag());
                users.save(user);
            });
            locales.setLocale(request, response, locale);
        });
        return "redirect:" + LocalPath.of(back);
    }
}
