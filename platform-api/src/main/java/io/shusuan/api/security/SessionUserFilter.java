package io.shusuan.api.security;

import io.shusuan.db.identity.User;
import io.shusuan.db.identity.Users;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.authentication.logout.SecurityContextLogoutHandler;
import org.springframework.web.filter.OncePerRequestFilter;

/** Ends the session of a user who may not come in any more. What a session says is as old as its login. */
final class SessionUserFilter extends OncePerRequestFilter {

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
                        .filter(User::enabled)
                        .isEmpty()) {
            logout.logout(request, response, authentication);
        }
        chain.doFilter(request, response);
    }

    /** Tokens are looked up with their users; what a page is painted with is nobody's secret. */
    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return BearerTokenFilter.token(request) != null
                || request.getRequestURI().startsWith("/assets/")
                || request.getRequestURI().startsWith("/webjars/");
    }
}
