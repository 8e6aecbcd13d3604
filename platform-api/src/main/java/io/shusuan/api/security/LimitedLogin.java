package io.shusuan.api.security;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.security.authentication.LockedException;
import org.springframework.security.authentication.dao.DaoAuthenticationProvider;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.web.authentication.AuthenticationFailureHandler;
import org.springframework.security.web.authentication.WebAuthenticationDetails;

/** Looks at a password unless too many wrong ones came from the same address. */
final class LimitedLogin extends DaoAuthenticationProvider {

    private final FailedLogins failed;

    LimitedLogin(UserDetailsService users, PasswordEncoder passwords, FailedLogins failed) {
        super(users);
        setPasswordEncoder(passwords);
        this.failed = failed;
    }

    @Override
    public Authentication authenticate(Authentication claim) throws AuthenticationException {
        var address = claim.getDetails() instanceof WebAuthenticationDetails web ? web.getRemoteAddress() : "";
        failed.begin(claim.getName(), address).ifPresent(pause -> {
            throw new TooManyTries(Math.max(1, pause.toSeconds()));
        });
        var known = super.authenticate(claim);
        failed.succeeded(claim.getName(), address);
        return known;
    }

    /** The password was not looked at. */
    static final class TooManyTries extends LockedException {

        private static final long serialVersionUID = 1;

        private final long seconds;

        TooManyTries(long seconds) {
            super("too many failed logins: try again in %d s".formatted(seconds));
            this.seconds = seconds;
        }
    }

    /** Back to the login page, which is told whether to say "wrong" or "wait so many seconds". */
    static AuthenticationFailureHandler toLoginPage() {
        return (HttpServletRequest request, HttpServletResponse response, AuthenticationException why) -> {
            if (why instanceof TooManyTries tooMany) {
                response.setHeader("Retry-After", Long.toString(tooMany.seconds));
                redirect(response, "/login?error&wait=" + tooMany.seconds);
            } else {
                redirect(response, "/login?error");
            }
        };
    }

    private static void redirect(HttpServletResponse response, String page) throws IOException {
        response.sendRedirect(page);
    }
}
