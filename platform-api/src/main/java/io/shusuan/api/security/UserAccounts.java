package io.shusuan.api.security;

import io.shusuan.db.identity.Role;
import io.shusuan.db.identity.User;
import io.shusuan.db.identity.Users;
import io.swagger.v3.oas.annotations.media.Schema;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The accounts, for the API and the portal alike. */
@Service
public class UserAccounts {

    public static final String NAME_RULE = "1 to 63 letters, digits, '.', '_' and '-', beginning with a letter";
    public static final int MIN_PASSWORD = 10;

    /** The hash looks at so many bytes and no more. */
    private static final int MAX_PASSWORD_BYTES = 72;

    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9._-]{0,62}");

    private final Users users;
    private final PasswordEncoder passwords;
    private final ApplicationEventPublisher events;
    private final Clock clock;

    UserAccounts(Users users, PasswordEncoder passwords, ApplicationEventPublisher events, Clock clock) {
        this.events = events;
        this.users = users;
        this.passwords = passwords;
        this.clock = clock;
    }

    /** What is wrong with a new account; empty if nothing is. */
    public Optional<String> fault(String name, String password) {
        if (!NAME.matcher(name).matches()) {
            return Optional.of("the name '%s' must be %s".formatted(name, NAME_RULE));
        }
        if (users.findById(name).isPresent()) {
            return Optional.of("there is a user '%s' already".formatted(name));
        }
        return passwordFault(password);
    }

    /** What is wrong with a new password; empty if nothing is. */
    public Optional<String> passwordFault(String password) {
        if (password.length() < MIN_PASSWORD) {
            return Optional.of("the password must have at least %d characters".formatted(MIN_PASSWORD));
        }
        return password.getBytes(StandardCharsets.UTF_8).length > MAX_PASSWORD_BYTES
                ? Optional.of("the password must have at most %d bytes".formatted(MAX_PASSWORD_BYTES))
                : Optional.empty();
    }

    @Transactional
    public User create(String name, String password, Role role) {
        return users.save(new User(name, passwords.encode(password), role, clock.instant()));
    }

    /** What is to be changed of a user; what is missing stays. */
    @Schema(name = "UserChange")
    public record Change(
            @Nullable Role role,
            @Nullable Boolean enabled,
            @Nullable String password) {}

    /** All of a change, or nothing of it. */
    @Transactional
    public Optional<User> change(String name, Change change) {
        if (change.role() != null) {
            giveRole(name, change.role());
        }
        if (change.enabled() != null) {
            enable(name, change.enabled());
        }
        if (change.password() != null) {
            setPassword(name, change.password());
        }
        return users.findById(name);
    }

    /** Lets a user in or keeps them out; their tokens follow. */
    @Transactional
    public Optional<User> enable(String name, boolean on) {
        return alter(name, user -> user.enable(on));
    }

    /** What they may do changes at once for their tokens, and for their sessions when they log in again. */
    @Transactional
    public Optional<User> giveRole(String name, Role role) {
        return alter(name, user -> user.become(role));
    }

    /** Ends the sessions that began with the old password. Tokens stay: they are revoked one by one. */
    @Transactional
    public Optional<User> setPassword(String name, String password) {
        return alter(name, user -> user.changePassword(passwords.encode(password)));
    }

    public boolean hasPassword(String name, String password) {
        return users.findById(name)
                .filter(user -> passwords.matches(password, user.passwordHash()))
                .isPresent();
    }

    private Optional<User> alter(String name, Consumer<User> change) {
        var user = users.findById(name);
        user.ifPresent(change);
        events.publishEvent(new KnownTokens.Changed());
        return user;
    }

    public List<User> all() {
        return users.all();
    }
}
