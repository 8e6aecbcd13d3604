package io.shusuan.db.postgres;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Gives a new home its binaries as hard links to ones unpacked before: unpacking takes longer than all the rest. */
final class UnpackedBinaries {
    private UnpackedBinaries() {}

    /** The links need the same disk, so the homes of these tests lie beside the binaries. */
    static Path newHome() throws IOException {
        var folder = Files.createDirectories(Path.of("target", "test-homes").toAbsolutePath());
        var home = Files.createTempDirectory(folder, "home-");
        var unpacked = unpacked(folder);
        var target = PostgresHome.under(home).root().resolve(unpacked.getFileName());
        try (var paths = Files.walk(unpacked)) {
            for (var path : paths.toList()) {
                var copy = target.resolve(unpacked.relativize(path));
                if (Files.isDirectory(path)) {
                    Files.createDirectories(copy);
                } else if (Files.isSymbolicLink(path)) {
                    Files.createSymbolicLink(copy, Files.readSymbolicLink(path));
                } else {
                    Files.createLink(copy, path);
                }
            }
        }
        return home;
    }

    /** Processes of a server that a test has killed may be writing a moment longer. */
    static void delete(Path home) {
        await().ignoreExceptions().until(() -> {
            PostgresHome.deleteTree(home);
            return true;
        });
    }

    private static synchronized Path unpacked(Path folder) {
        return Binaries.unpackedIn(PostgresHome.under(folder.resolve("binaries")))
                .folder();
    }
}
