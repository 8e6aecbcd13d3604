package io.shusuan.api.security;

import io.shusuan.api.problem.ProblemKind;
import io.shusuan.api.problem.ProblemWriter;
import io.shusuan.api.request.ProgramPaths;
import io.shusuan.db.identity.Users;
import jakarta.servlet.DispatcherType;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.config.ObjectPostProcessor;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.core.userdetails.UsernameNotFoundException;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.authentication.UsernamePasswordAuthenticationFilter;
import org.springframework.security.web.csrf.CsrfException;
import org.springframework.security.web.header.HeaderWriterFilter;

/**
 * Two doors: programs at the API, people at the portal; both lead to the same users and roles. An answer that goes on elsewhere,
 * as streams do, was let in when it began: whoever logs out meanwhile does not break it off with an error.
 */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

    /** What a program needs to be known and refused. */
    record Programs(
            Tokens tokens,
            AgentTokens agentTokens,
            Users users,
            AuthenticationEntryPoint refuse,
            AccessDeniedHandler forbid) {

        // A browser that is logged in sends its cookie by itself, so it must also send the token of the form;
        // a bearer token is never sent by itself.
        void guard(HttpSecurity http) {
            http.csrf(csrf -> csrf.ignoringRequestMatchers(request -> BearerTokenFilter.token(request) != null))
                    .addFilterBefore(
                            new BearerTokenFilter(tokens, agentTokens, refuse),
                            UsernamePasswordAuthenticationFilter.class)
                    .addFilterAfter(new SessionUserFilter(users), UsernamePasswordAuthenticationFilter.class)
                    .exceptionHandling(handling ->
                            handling.authenticationEntryPoint(refuse).accessDeniedHandler(forbid))
                    .requestCache(cache -> cache.disable());
        }
    }

    @Bean
    Programs programsAtTheDoor(
            Tokens tokens,
            AgentTokens agentTokens,
            Users users,
            AuthenticationEntryPoint refuse,
            AccessDeniedHandler forbid) {
        return new Programs(tokens, agentTokens, users, refuse, forbid);
    }

    /** Replicas say for themselves whether their answers may be kept, so protecting headers come after theirs. */
    @Bean
    @Order(1)
    SecurityFilterChain callers(HttpSecurity http, Programs programs) {
        programs.guard(http);
        return http.securityMatcher(request -> request.getRequestURI().startsWith("/serve/"))
                .authorizeHttpRequests(requests -> requests.dispatcherTypeMatchers(DispatcherType.ASYNC)
                        .permitAll()
                        .anyRequest()
                        .hasAnyRole("USER", "ADMIN"))
                .build();
    }

    @Bean
    @Order(2)
    SecurityFilterChain programs(HttpSecurity http, Programs programs) {
        programs.guard(http);
        return http.securityMatcher(ProgramPaths::has)
                .authorizeHttpRequests(requests -> requests.dispatcherTypeMatchers(DispatcherType.ASYNC)
                        .permitAll()
                        .requestMatchers("/actuator/health", "/actuator/health/**")
                        .permitAll()
                        .requestMatchers("/actuator/**")
                        .hasRole("ADMIN")
                        .requestMatchers(HttpMethod.POST, "/api/v1/agents")
                        .hasAnyRole("AGENT", "ADMIN")
                        .anyRequest()
                        .hasAnyRole("USER", "ADMIN"))
                .headers(headers -> headers.withObjectPostProcessor(new HeadersFirst()))
                .build();
    }

    @Bean
    @Order(3)
    SecurityFilterChain people(
            HttpSecurity http,
            UserDetailsService details,
            PasswordEncoder passwords,
            FailedLogins failed,
            Users users) {
        return http.authenticationManager(new ProviderManager(new LimitedLogin(details, passwords, failed)))
                .addFilterAfter(new SessionUserFilter(users), UsernamePasswordAuthenticationFilter.class)
                .authorizeHttpRequests(
                        requests -> requests.dispatcherTypeMatchers(DispatcherType.ASYNC, DispatcherType.ERROR)
                                .permitAll()
                                .requestMatchers("/login", "/assets/**", "/webjars/**", "/favicon.ico")
                                .permitAll()
                                .requestMatchers("/admin/**")
                                .hasRole("ADMIN")
                                .anyRequest()
                                .hasAnyRole("USER", "ADMIN"))
                .formLogin(form -> form.loginPage("/login")
                        .defaultSuccessUrl("/")
                        .failureHandler(LimitedLogin.toLoginPage())
                        .permitAll())
                .logout(logout -> logout.logoutSuccessUrl("/login?out"))
                .headers(headers -> headers.contentSecurityPolicy(
                                policy -> policy.policyDirectives(
                                        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; font-src 'self' data:;"
                                                + " object-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"))
                        .frameOptions(frame -> frame.deny())
                        .withObjectPostProcessor(new HeadersFirst()))
                .build();
    }

    /**
     * Writes the protecting headers before the request is handled and not when its answer begins: a stream begins on a
     * thread of its own while this one is still on its way out, and the container's headers take only one of them.
     */
    private static final class HeadersFirst implements ObjectPostProcessor<HeaderWriterFilter> {
        @Override
        public <F extends HeaderWriterFilter> F postProcess(F filter) {
            filter.setShouldWriteHeadersEagerly(true);
            return filter;
        }
    }

    @Bean
    PasswordEncoder passwordEncoder() {
        return PasswordEncoderFactories.createDelegatingPasswordEncoder();
    }

    @Bean
    UserDetailsService userDetails(Users users) {
        return name -> users.findById(name)
                .map(user -> User.withUsername(user.name())
                        .password(user.passwordHash())
                        .authorities(BearerTokenFilter.authority(user.role()))
                        .disabled(!user.enabled())
                        .build())
                .orElseThrow(() -> new UsernameNotFoundException(name));
    }

    @Bean
    AuthenticationEntryPoint refuse(ProblemWriter problems) {
        return (request, response, why) -> {
            response.setHeader("WWW-Authenticate", "Bearer");
            problems.write(
                    request,
                    response,
                    ProblemKind.UNAUTHENTICATED,
                    (why instanceof BadCredentialsException ? why.getMessage() + ": " : "nobody is logged in: ")
                            + "send 'Authorization: Bearer <token>' (./shusuan token prints one), or log in to the portal");
        };
    }

    @Bean
    AccessDeniedHandler forbid(ProblemWriter problems) {
        return (request, response, why) -> problems.write(
                request,
                response,
                ProblemKind.FORBIDDEN,
                why instanceof CsrfException
                        ? "a request with the portal's cookie also needs the page's token in X-CSRF-TOKEN; programs send a bearer token instead"
                        : "you may not do this with this login");
    }
}
