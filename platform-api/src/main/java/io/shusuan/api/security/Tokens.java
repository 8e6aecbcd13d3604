package io.shusuan.api.security;

import io.shusuan.db.identity.ApiToken;
import io.shusuan.db.identity.ApiTokens;
import io.shusuan.db.identity.User;
import io.shusuan.db.identity.Users;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.id.uuid.UuidVersion7Strategy;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The bearer tokens of users. A token is 256 random bits, so its plain SHA-256 is enough to keep. */
@Service
public class Tokens {

    static final String PREFIX = "shu_";

    private final SecureRandom random = new SecureRandom();
    private final ApiTokens tokens;
    private final Users users;
    private final Clock clock;

    Tokens(ApiTokens tokens, Users users, Clock clock) {
        this.tokens = tokens;
        this.users = users;
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
        tokens.save(new ApiToken(id, user, label, sha256(text), now, lifetime == null ? null : now.plus(lifetime)));
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
        return found.isPresent();
    }

    /** Whom a token speaks for; empty if it is unknown, has expired, or its user may not log in any more. */
    @Transactional(readOnly = true)
    public Optional<User> owner(String text) {
        return tokens.findBySha256(sha256(text))
                .filter(token -> !token.expired(clock.instant()))
                .flatMap(token -> users.findById(token.userName()))
                .filter(User::enabled);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
