package io.shusuan.api.security;

import io.shusuan.api.problem.ProblemKind;
import io.shusuan.db.identity.Users;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.MediaType;
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
import tools.jackson.databind.ObjectMapper;

/** Two doors: programs at the API, people at the portal; both lead to the same users and roles. */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

    private static final String[] PROGRAMS = {"/api/**", "/serve/**", "/v3/api-docs", "/v3/api-docs/**", "/actuator/**"
    };

    @Bean
    @Order(1)
    SecurityFilterChain programs(
            HttpSecurity http,
            Tokens tokens,
            AgentTokens agentTokens,
            AuthenticationEntryPoint refuse,
            AccessDeniedHandler forbid) {
        return http.securityMatcher(PROGRAMS)
                .authorizeHttpRequests(requests -> requests.requestMatchers("/actuator/health", "/actuator/health/**")
                        .permitAll()
                        .requestMatchers("/actuator/**")
                        .hasRole("ADMIN")
                        .requestMatchers(org.springframework.http.HttpMethod.POST, "/api/v1/agents")
                        .hasAnyRole("AGENT", "ADMIN")
                        .anyRequest()
                        .hasAnyRole("USER", "ADMIN"))
                // A browser that is logged in sends its cookie by itself, so it must also send the token of the form;
                // a bearer token is never sent by itself.
                .csrf(csrf -> csrf.ignoringRequestMatchers(request -> BearerTokenFilter.token(request) != null))
                .addFilterBefore(
                        new BearerTokenFilter(tokens, agentTokens, refuse), UsernamePasswordAuthenticationFilter.class)
                .exceptionHandling(
                        handling -> handling.authenticationEntryPoint(refuse).accessDeniedHandler(forbid))
                .requestCache(cache -> cache.disable())
                .build();
    }

    @Bean
    @Order(2)
    SecurityFilterChain people(HttpSecurity http) {
        return http.authorizeHttpRequests(requests -> requests.requestMatchers(
                                "/login", "/error", "/assets/**", "/webjars/**", "/favicon.ico")
                        .permitAll()
                        .requestMatchers("/admin/**")
                        .hasRole("ADMIN")
                        .anyRequest()
                        .hasAnyRole("USER", "ADMIN"))
                .formLogin(
                        form -> form.loginPage("/login").defaultSuccessUrl("/").permitAll())
                .logout(logout -> logout.logoutSuccessUrl("/login?out"))
                .headers(headers -> headers.contentSecurityPolicy(
                                policy -> policy.policyDirectives(
                                        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; font-src 'self' data:;"
                                                + " object-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"))
                        .frameOptions(frame -> frame.deny()))
                .build();
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
    AuthenticationEntryPoint refuse(ObjectMapper json) {
        return (request, response, why) -> {
            response.setHeader("WWW-Authenticate", "Bearer");
            write(
                    response,
                    json,
                    ProblemKind.UNAUTHENTICATED,
                    "send 'Authorization: Bearer <token>' (./shusuan token prints one), or log in to the portal: "
                            + why.getMessage());
        };
    }

    @Bean
    AccessDeniedHandler forbid(ObjectMapper json) {
        return (request, response, why) ->
                write(response, json, ProblemKind.FORBIDDEN, "this is not allowed to you: " + why.getMessage());
    }

    private static void write(HttpServletResponse response, ObjectMapper json, ProblemKind kind, String sentence)
            throws IOException {
        response.setStatus(kind.status().value());
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        json.writeValue(response.getOutputStream(), kind.detail(sentence));
    }
}
