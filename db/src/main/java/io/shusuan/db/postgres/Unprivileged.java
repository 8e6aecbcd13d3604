package io.shusuan.db.postgres;

import com.sun.security.auth.module.UnixSystem;
import io.shusuan.db.postgres.EmbeddedPostgresException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PostgreSQL refuses to run as root, and containers often know no other user. Inside a user namespace of its own the
 * server is nobody, while its files stay root's: that is tried first. Where namespaces are forbidden, an unprivileged
 * user gets the files and runs the server. Who owns the data already decides, so that a home keeps its way.
 */
record Unprivileged(Launcher launcher, Optional<UserPrincipal> owner) {
    private static final Logger log = LoggerFactory.getLogger(Unprivileged.class);
    private static final Duration MOMENT = Duration.ofSeconds(10);
    private static final Launcher AS_WE_ARE = new Launcher(List.of());
    private static final Launcher IN_A_USER_NAMESPACE = new Launcher(List.of("unshare", "-U"));

    static Unprivileged in(PostgresHome home) {
        if (new UnixSystem().getUid() != 0) {
            return new Unprivileged(AS_WE_ARE, Optional.empty());
        }
        try {
            if (isRootsOwn(home) && isNotRoot(IN_A_USER_NAMESPACE)) {
                return new Unprivileged(IN_A_USER_NAMESPACE, Optional.empty());
            }
            return asUser(home);
        } catch (IOException e) {
            throw Failures.of(e, "The folder " + home.root() + " cannot be given away", Reason.HOME_UNUSABLE);
        }
    }

    private static boolean isRootsOwn(PostgresHome home) throws IOException {
        return Files.notExists(home.data())
                || Files.getAttribute(home.data(), "unix:uid").equals(0);
    }

    private static boolean isNotRoot(Launcher launcher) {
        var identity = launcher.run(MOMENT, "id", "-u");
        return identity.succeeded() && !identity.output().strip().equals("0");
    }

    private static Unprivileged asUser(PostgresHome home) throws IOException {
        var users = isRootsOwn(home)
                ? Stream.of("postgres", "nobody")
                : Stream.of(Files.getOwner(home.data()).getName());
        for (var user : users.toList()) {
            var group = AS_WE_ARE.run(MOMENT, "id", "-g", user);
            if (!group.succeeded()) {
                continue; // no such user here
            }
            var setpriv = List.of(
                    "setpriv", "--reuid=" + user, "--regid=" + group.output().strip(), "--clear-groups", "--");
            for (var way : List.of(setpriv, List.of("runuser", "-u", user, "--"))) {
                var launcher = new Launcher(way);
                if (isNotRoot(launcher)) {
                    return giveTo(user, home, launcher);
                }
            }
        }
        throw new EmbeddedPostgresException(
                Reason.ROOT_REFUSED,
                "The platform runs as root, and PostgreSQL refuses to: neither a user namespace (unshare -U) nor an"
                        + " unprivileged user (setpriv or runuser, user postgres or nobody) can be had here.",
                "Run the platform as an ordinary user, allow user namespaces, or set spring.datasource.url to a"
                        + " PostgreSQL of your own.");
    }

    private static Unprivileged giveTo(String user, PostgresHome home, Launcher launcher) throws IOException {
        var owner = home.root().getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user);
        var unprivileged = new Unprivileged(launcher, Optional.of(owner));
        unprivileged.own(home.root());
        unprivileged.own(home.log());
        unprivileged.own(home.password());
        if (!launcher.run(MOMENT, "test", "-r", home.password().toString()).succeeded()) {
            throw new EmbeddedPostgresException(
                    Reason.ROOT_REFUSED,
                    "The platform runs as root, so PostgreSQL has to run as " + user + ", who cannot reach "
                            + home.root() + ".",
                    "Set SHUSUAN_HOME to a folder whose parents " + user
                            + " may enter (for example /var/lib/shusuan), or run the platform as an ordinary user.");
        }
        log.info("Running as root: PostgreSQL runs as user {}", user);
        return unprivileged;
    }

    /** Gives a file that we have written to the user who runs the server, where that is not us. */
    void own(Path file) throws IOException {
        if (owner.isPresent()) {
            Files.setOwner(file, owner.get());
        }
    }
}
