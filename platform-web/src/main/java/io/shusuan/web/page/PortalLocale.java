package io.shusuan.web.page;

import io.shusuan.db.identity.User;
import io.shusuan.db.identity.Users;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Collections;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.LocaleResolver;
import org.springframework.web.util.WebUtils;

/**
 * The language of a page: what the user has chosen, else what was last chosen in this browser, else what the browser asks for,
 * else English. The user's choice is read once per session.
 */
@Component("localeResolver")
class PortalLocale implements LocaleResolver {

    static final Locale CHINESE = Locale.SIMPLIFIED_CHINESE;

    private static final String KEY = "language";
    private static final String UNDECIDED = "";

    private final Users users;

    PortalLocale(Users users) {
        this.users = users;
    }

    @Override
    public Locale resolveLocale(HttpServletRequest request) {
        return ofUser(request)
                .or(() -> Optional.ofNullable(WebUtils.getCookie(request, KEY))
                        .map(Cookie::getValue)
                        .flatMap(PortalLocale::spoken))
                .or(() -> Collections.list(request.getLocales()).stream()
                        .flatMap(wanted -> spoken(wanted.toLanguageTag()).stream())
                        .findFirst())
                .orElse(Locale.ENGLISH);
    }

    private Optional<Locale> ofUser(HttpServletRequest request) {
        var session = request.getSession(false);
        if (session == null || request.getRemoteUser() == null) {
            return Optional.empty();
        }
        if (!(session.getAttribute(KEY) instanceof String known)) {
            var stored =
                    users.findById(request.getRemoteUser()).map(User::locale).orElse(UNDECIDED);
            session.setAttribute(KEY, stored);
            return spoken(stored);
        }
        return spoken(known);
    }

    @Override
    public void setLocale(HttpServletRequest request, @Nullable HttpServletResponse response, @Nullable Locale locale) {
        var tag = locale == null ? UNDECIDED : locale.toLanguageTag();
        if (response != null) {
            response.addHeader(
                    HttpHeaders.SET_COOKIE,
                    ResponseCookie.from(KEY, tag)
                            .path("/")
                            .maxAge(Duration.ofDays(365))
                            .sameSite("Lax")
                            .httpOnly(true)
                            .build()
                            .toString());
        }
        var session = request.getSession(false);
        if (session != null && request.getRemoteUser() != null) {
            session.setAttribute(KEY, tag);
        }
    }

    /** The portal's own variant of a wanted language, if it speaks it. */
    static Optional<Locale> spoken(String tag) {
        return switch (Locale.forLanguageTag(tag).getLanguage()) {
            case "zh" -> Optional.of(CHINESE);
            case "en" -> Optional.of(Locale.ENGLISH);
            default -> Optional.empty();
        };
    }
}
