package io.shusuan.web.user;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.security.Principal;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.LocaleResolver;

/** The page that asks who somebody is. The answer goes to the security filters. */
@Controller
class LoginController {

    private static final Pattern SECONDS = Pattern.compile("[1-9]\\d{0,3}");

    private final LocaleResolver locales;

    LoginController(LocaleResolver locales) {
        this.locales = locales;
    }

    @GetMapping("/login")
    String login(
            @Nullable Principal principal,
            @RequestParam(required = false) @Nullable String language,
            @RequestParam(name = "wait", defaultValue = "") String seconds,
            HttpServletRequest request,
            HttpServletResponse response,
            Model model) {
        if (language != null) {
            locales.setLocale(request, response, Locale.forLanguageTag(language));
            return "redirect:/login";
        }
        // An address may be sent to somebody: nothing of it but a number is shown.
        if (SECONDS.matcher(seconds).matches()) {
            model.addAttribute("wait", Integer.valueOf(seconds));
        }
        return principal == null ? "user/login" : "redirect:/";
    }
}
