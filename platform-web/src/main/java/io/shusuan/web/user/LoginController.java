package io.shusuan.web.user;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.security.Principal;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.LocaleResolver;

/** The page that asks who somebody is. The answer goes to the security filters. */
@Controller
class LoginController {

    private final LocaleResolver locales;

    LoginController(LocaleResolver locales) {
        this.locales = locales;
    }

    @GetMapping("/login")
    String login(
            @Nullable Principal principal,
            @RequestParam(required = false) @Nullable String language,
            HttpServletRequest request,
            HttpServletResponse response) {
        if (language != null) {
            locales.setLocale(request, response, Locale.forLanguageTag(language));
            return "redirect:/login";
        }
        return principal == null ? "user/login" : "redirect:/";
    }
}
