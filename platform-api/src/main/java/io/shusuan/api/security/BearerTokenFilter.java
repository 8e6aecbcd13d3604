package io.shusuan.api.security;

import io.shusuan.db.identity.Role;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.web.filter.OncePerRequestFilter;

/** Logs a request in by its bearer token. A token that is sent and wrong is refused, never ignored. */
final class BearerTokenFilter extends OncePerRequestFilter {

    /** What agents may do: report. */
    static final String AGENT = "ROLE_AGENT";

    private static final String SCHEME = "Bearer ";

    private final Tokens tokens;
    private final AgentTokens agentTokens;
    private final AuthenticationEntryPoint refuse;

    BearerTokenFilter(Tokens tokens, AgentTokens agentTokens, AuthenticationEntryPoint refuse) {
        this.tokens = tokens;
        this.agentTokens = agentTokens;
        this.refuse = refuse;
    }

    static @Nullable String token(HttpServletRequest request) {
        var header = request.getHeader(HttpHeaders.AUTHORIZATION);
        return header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? header.substring(SCHEME.length()).strip()
                : null;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        var token = token(request);
        if (token == null) {
            chain.doFilter(request, response);
            return;
        }
        var authentication = authenticate(token);
        if (authentication == null) {
            refuse.commence(request, response, new BadCredentialsException("the bearer token is not valid"));
            return;
        }
        var context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(authentication);
        SecurityContextHolder.setContext(context);
        try {
            chain.doFilter(request, response);
        } finally {
            SecurityContextHolder.clearContext();
        }
    }

    private @Nullable UsernamePasswordAuthenticationToken authenticate(String token) {
        if (token.startsWith(Tokens.PREFIX)) {
            return tokens.owner(token)
                    .map(user -> UsernamePasswordAuthenticationToken.authenticated(
                            user.name(), null, AuthorityUtils.createAuthorityList(authority(user.role()))))
                    .orElse(null);
        }
        return agentTokens
                .name(token)
                .map(name -> UsernamePasswordAuthenticationToken.authenticated(
                        name, null, List.copyOf(AuthorityUtils.createAuthorityList(AGENT))))
                .orElse(null);
    }

    static String authority(Role role) {
        return "ROLE_" + role.name();
    }

    /** A request that waits for its answer elsewhere, as streams do, comes by here again and must still be known. */
    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false;
    }
}
