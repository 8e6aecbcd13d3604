package io.shusuan.api.security;

import io.shusuan.db.identity.User;
import io.shusuan.db.identity.Users;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.authentication.logout.SecurityContextLogoutHandler;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Ends the session of a user who may not come in any more, or not as who they were: what a session says is as old as its login,
 * and another role or password wants another one.
 */
final class SessionUserFilter extends OncePerRequestFilter {

    /** The hash of the password that the session began with. */
    private static final String PASSWORD = SessionUserFilter.class.getName() + ".password";

    private final Users users;
    private final SecurityContextLogoutHandler logout = new SecurityContextLogoutHandler();

    SessionUserFilter(Users users) {
        this.users = users;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        var authentication = SecurityContextHolder.getContext().getAuthentication();
        if (authentication != null
                && !(authentication instanceof AnonymousAuthenticationToken)
                && users.findById(authentication.getName())
                        .filter(user -> user.enabled()
                                && AuthorityUtils.authorityListToSet(authentication.getAuthorities())
                                        .contains(BearerTokenFilter.authority(user.role()))
                                && knowsPassword(request.getSession(), user))
                        .isEmpty()) {
            logout.logout(request, response, authentication);
        }
        chain.doFilter(request, response);
    }

    /** The first request of a session follows its login. */
    private static boolean knowsPassword(HttpSession session, User user) {
        var known = session.getAttribute(PASSWORD);
        if (known == null) {
            knowPassword(session, user);
        }
        return known == null || known.equals(user.passwordHash());
    }

    static void knowPassword(HttpSession session, User user) {
        session.setAttribute(PASSWORD, user.passwordHash());
    }

    /** Tokens are looked up with their users; what a page is painted with is nobody's secret. */
    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return BearerTokenFilter.token(request) != null
                || request.getRequestURI().startsWith("/assets/")
                || request.getRequestURI().startsWith("/webjars/");
    }
}
