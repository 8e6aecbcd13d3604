package io.shusuan.api.security;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.shusuan.db.identity.User;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;

/**
 * Remembers for a few seconds whom a token speaks for, since programs send the same one with each request. Known by digest
 * only. Bounded: when it is full it begins anew. What this platform revokes is forgotten at once; another replica of it
 * notices when the seconds are over.
 */
@Component
class KnownTokens {

    static final Duration LIFETIME = Duration.ofSeconds(5);

    private static final int MAX = 10_000;

    private record Entry(User user, long until) {}

    @GuardedBy("this")
    private final Map<Digest, Entry> entries = new HashMap<>();

    @GuardedBy("this")
    private long generation;

    /** Somebody's rights have changed. */
    record Changed() {}

    /** Asks the database for what is not remembered. Who may not log in is never remembered. */
    Optional<User> owner(Digest token, Function<Digest, Optional<User>> database) {
        long asked;
        synchronized (this) {
            var known = entries.get(token);
            if (known != null && System.nanoTime() - known.until() < 0) {
                return Optional.of(known.user());
            }
            asked = generation;
        }
        var found = database.apply(token);
        found.ifPresent(user -> remember(token, user, asked));
        return found;
    }

    /** What was read before a change is not kept after it. */
    private synchronized void remember(Digest token, User user, long asked) {
        if (asked != generation) {
            return;
        }
        if (entries.size() >= MAX) {
            entries.clear();
        }
        entries.put(token, new Entry(user, System.nanoTime() + LIFETIME.toNanos()));
    }

    @TransactionalEventListener
    synchronized void changed(Changed change) {
        generation++;
        entries.clear();
    }
}
