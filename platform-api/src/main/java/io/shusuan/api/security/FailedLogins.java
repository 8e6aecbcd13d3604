package io.shusuan.api.security;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Counts the tries to log in as one user from one address. A try is counted before its password is looked at, so that many
 * at once are no way round; a right password ends the count. Bounded: beyond that many pairs the oldest is forgotten.
 */
@Component
class FailedLogins {

    static final int TRIES = 5;
    static final Duration PAUSE = Duration.ofMinutes(1);

    private static final int MAX_PAIRS = 10_000;

    private final Clock clock;

    private record Pair(String user, String address) {}

    private record Tries(int count, Instant last) {}

    @GuardedBy("this")
    private final Map<Pair, Tries> tries = new LinkedHashMap<>(16, 0.75f, true);

    FailedLogins(Clock clock) {
        this.clock = clock;
    }

    /** Counts a try; answers how long to wait instead if there were too many. Waiting is not made longer by trying. */
    synchronized Optional<Duration> begin(String user, String address) {
        var pair = pair(user, address);
        var now = clock.instant();
        var known = tries.get(pair);
        if (known != null && !now.isBefore(known.last().plus(PAUSE))) {
            known = null;
        }
        if (known != null && known.count() >= TRIES) {
            return Optional.of(Duration.between(now, known.last().plus(PAUSE)));
        }
        tries.put(pair, new Tries(known == null ? 1 : known.count() + 1, now));
        if (tries.size() > MAX_PAIRS) {
            tries.remove(tries.keySet().iterator().next());
        }
        return Optional.empty();
    }

    synchronized void succeeded(String user, String address) {
        tries.remove(pair(user, address));
    }

    private static Pair pair(String user, String address) {
        var name = user.toLowerCase(Locale.ROOT);
        return new Pair(name.length() > 64 ? name.substring(0, 64) : name, address);
    }
}
