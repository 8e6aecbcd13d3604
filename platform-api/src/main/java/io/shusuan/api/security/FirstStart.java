package io.shusuan.api.security;

import io.shusuan.db.identity.Role;
import io.shusuan.db.identity.User;
import io.shusuan.db.identity.Users;
import io.shusuan.scheduler.ClusterSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Component;

/**
 * On the first start: an administrator with a generated password, printed once, and a token for the command line of whoever
 * owns the data folder.
 */
@Component
class FirstStart implements ApplicationRunner {

    private static final Logger log = LoggerFactory.getLogger(FirstStart.class);
    private static final String ADMIN = "admin";
    private static final String LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    private final Users users;
    private final Tokens tokens;
    private final PasswordEncoder passwords;
    private final ClusterSettings settings;
    private final Clock clock;

    FirstStart(Users users, Tokens tokens, PasswordEncoder passwords, ClusterSettings settings, Clock clock) {
        this.users = users;
        this.tokens = tokens;
        this.passwords = passwords;
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public void run(ApplicationArguments arguments) throws IOException {
        if (users.count() == 0) {
            var password = password();
            users.save(new User(ADMIN, passwords.encode(password), Role.ADMIN, clock.instant()));
            log.info("first start: log in as '{}' with password '{}' (shown only this once)", ADMIN, password);
            secret("admin.password", password);
        }
        var file = settings.home().resolve("admin.token");
        if (!Files.exists(file) || tokens.owner(Files.readString(file).strip()).isEmpty()) {
            secret(
                    "admin.token",
                    tokens.issue(ADMIN, "command line of this machine", null).token());
        }
    }

    private void secret(String name, String text) throws IOException {
        var file = settings.home().resolve(name);
        Files.createDirectories(settings.home());
        Files.deleteIfExists(file);
        create(file);
        Files.writeString(file, text + "\n", StandardOpenOption.WRITE);
    }

    private static void create(Path file) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    private static String password() {
        var random = new SecureRandom();
        return random.ints(20, 0, LETTERS.length())
                .collect(StringBuilder::new, (text, i) -> text.append(LETTERS.charAt(i)), StringBuilder::append)
                .toString();
    }
}
