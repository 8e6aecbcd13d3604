package io.shusuan.api.security;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.springframework.stereotype.Service;

/** Changes the password of whoever is logged in. Their other sessions end; this one goes on. */
@Service
public class OwnPassword {

    private final UserAccounts accounts;

    OwnPassword(UserAccounts accounts) {
        this.accounts = accounts;
    }

    /** What is wrong, in a sentence; empty if the password is changed. */
    public Optional<String> change(HttpServletRequest request, String current, String next) {
        var name = request.getRemoteUser();
        if (!accounts.hasPassword(name, current)) {
            return Optional.of("the current password is another one");
        }
        var fault = accounts.passwordFault(next);
        if (fault.isEmpty()) {
            accounts.setPassword(name, next)
                    .ifPresent(user -> SessionUserFilter.knowPassword(request.getSession(), user));
        }
        return fault;
    }
}
