package io.shusuan.api.security;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.springframework.stereotype.Service;

/** Changes the password of whoever is logged in. Their other sessions end; this one goes on. */
@Service
public class OwnPassword {

    private final UserAccounts accounts;
    private final FailedLogins failed;

    OwnPassword(UserAccounts accounts, FailedLogins failed) {
        this.accounts = accounts;
        this.failed = failed;
    }

    /** What is wrong, in a sentence; empty if the password is changed. */
    public Optional<String> change(HttpServletRequest request, String current, String next) {
        var name = request.getRemoteUser();
        var address = request.getRemoteAddr();
        // Whoever finds a session open shall not find out the password by trying.
        var pause = failed.begin(name, address);
        if (pause.isPresent()) {
            return Optional.of("too many wrong passwords: try again in %d s"
                    .formatted(Math.max(1, pause.get().toSeconds())));
        }
        if (!accounts.hasPassword(name, current)) {
            return Optional.of("the current password is another one");
        }
        failed.succeeded(name, address);
        var fault = accounts.passwordFault(next);
        if (fault.isEmpty()) {
            accounts.setPassword(name, next)
                    .ifPresent(user -> SessionUserFilter.knowPassword(request.getSession(), user));
        }
        return fault;
    }
}
