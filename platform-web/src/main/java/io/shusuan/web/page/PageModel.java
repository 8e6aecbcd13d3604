package io.shusuan.web.page;

import io.shusuan.api.security.Caller;
import io.shusuan.db.notice.Notices;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterHealth;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.CookieValue;
import org.springframework.web.bind.annotation.ModelAttribute;

/** Gives every page its frame, those of Spring Boot's own error controller included. */
@ControllerAdvice(basePackages = {"io.shusuan.web", "org.springframework.boot.webmvc.autoconfigure.error"})
class PageModel {

    private static final Set<String> THEMES = Set.of("light", "dark");

    private final Cluster cluster;
    private final Notices notices;

    PageModel(Cluster cluster, Notices notices) {
        this.cluster = cluster;
        this.notices = notices;
    }

    /** The page that says that the database is away has this frame, too. */
    private long unread(String user) {
        try {
            return notices.unread(user);
        } catch (DataAccessException databaseAway) {
            return 0;
        }
    }

    @ModelAttribute("page")
    Page page(HttpServletRequest request, Locale locale, @CookieValue(required = false) @Nullable String theme) {
        var principal = request.getUserPrincipal();
        var query = request.getQueryString();
        return new Page(
                principal == null ? null : Caller.of(principal),
                locale,
                request.getRequestURI() + (query == null ? "" : "?" + query),
                theme != null && THEMES.contains(theme) ? theme : "auto",
                principal == null ? 0 : unread(principal.getName()),
                switch (cluster.health()) {
                    case ClusterHealth.Reachable well -> null;
                    case ClusterHealth.Unreachable away -> away.why();
                });
    }
}
