package io.shusuan.api.security;

import io.shusuan.db.identity.ApiToken;
import io.shusuan.db.identity.ApiTokens;
import io.shusuan.db.identity.User;
import io.shusuan.db.identity.Users;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.id.uuid.UuidVersion7Strategy;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The bearer tokens of users: made, shown once, kept as digests. */
@Service
public class Tokens {

    static final String PREFIX = "shu_";

    private final SecureRandom random = new SecureRandom();
    private final ApiTokens tokens;
    private final Users users;
    private final KnownTokens known;
    private final ApplicationEventPublisher events;
    private final Clock clock;

    Tokens(ApiTokens tokens, Users users, KnownTokens known, ApplicationEventPublisher events, Clock clock) {
        this.tokens = tokens;
        this.users = users;
        this.known = known;
        this.events = events;
        this.clock = clock;
    }

    /** A new token: the only time its text is known. */
    public record Issued(UUID id, String token) {}

    @Transactional
    public Issued issue(String user, String label, @Nullable Duration lifetime) {
        var secret = new byte[32];
        random.nextBytes(secret);
        var text = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        var now = clock.instant();
        var id = UuidVersion7Strategy.INSTANCE.generateUuid(null);
        tokens.save(new ApiToken(
                id, user, label, Digest.of(text).sha256(), now, lifetime == null ? null : now.plus(lifetime)));
        return new Issued(id, text);
    }

    @Transactional(readOnly = true)
    public List<ApiToken> of(String user) {
        return tokens.ofUser(user);
    }

    /** Revokes a token of a user; false if there is none. */
    @Transactional
    public boolean revoke(String user, UUID id) {
        var found = tokens.findById(id).filter(token -> token.userName().equals(user));
        found.ifPresent(tokens::delete);
        events.publishEvent(new KnownTokens.Changed());
        return found.isPresent();
    }

    /** Whom a token speaks for; empty if it is unknown, has expired, or its user may not log in any more. */
    public Optional<User> owner(String text) {
        return known.owner(Digest.of(text), this::read);
    }

    private Optional<User> read(Digest token) {
        return tokens.findBySha256(token.sha256())
                .filter(found -> !found.expired(clock.instant()))
                .flatMap(found -> users.findById(found.userName()))
                .filter(User::enabled);
    }
}
