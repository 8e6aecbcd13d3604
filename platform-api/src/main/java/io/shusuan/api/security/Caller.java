package io.shusuan.api.security;

import io.shusuan.db.job.Job;
import java.security.Principal;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.Authentication;

/** Who asks. Everybody sees all jobs; only their owner and administrators change them. */
public record Caller(String name, boolean admin) {

    /** Of a request that has passed the security filters. */
    public static Caller of(Principal principal) {
        var admin = principal instanceof Authentication authentication
                && authentication.getAuthorities().stream()
                        .anyMatch(authority -> "ROLE_ADMIN".equals(authority.getAuthority()));
        return new Caller(principal.getName(), admin);
    }

    public boolean mayChange(String owner) {
        return admin || name.equals(owner);
    }

    public void requireMayChange(Job job) {
        if (!mayChange(job.owner())) {
            throw new AccessDeniedException("job %s belongs to %s: only %s and administrators may change it"
                    .formatted(job.name(), job.owner(), job.owner()));
        }
    }

    public void requireAdmin(String what) {
        if (!admin) {
            throw new AccessDeniedException(what + " is for administrators");
        }
    }
}
