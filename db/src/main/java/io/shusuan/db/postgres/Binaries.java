package io.shusuan.db.postgres;

import io.shusuan.db.postgres.EmbeddedPostgresException.Reason;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** PostgreSQL's programs, unpacked from the class path into a folder that carries their checksum. */
record Binaries(Path folder) {
    private static final Logger log = LoggerFactory.getLogger(Binaries.class);
    private static final String FOLDER = "bin-";
    private static final String HALF_MADE = "unpacking-";

    static Binaries unpackedIn(PostgresHome home) {
        var archive = archive();
        try {
            var folder = home.root().resolve(FOLDER + checksum(archive));
            if (Files.notExists(folder)) {
                unpack(archive, home, folder);
            }
            return new Binaries(folder);
        } catch (IOException e) {
            throw Failures.of(e, "PostgreSQL's programs cannot be unpacked into " + home.root(), Reason.HOME_UNUSABLE);
        }
    }

    String program(String name) {
        return folder.resolve("bin").resolve(name).toString();
    }

    /** Binaries of earlier versions are of no use once a server of these runs. */
    void deleteOthersIn(PostgresHome home) {
        home.discard(FOLDER, folder);
    }

    private static URL archive() {
        var system = System.getProperty("os.name").startsWith("Mac") ? "darwin" : "linux";
        var processor = switch (System.getProperty("os.arch").toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            case String other -> other;
        };
        var name = "postgres-" + system + "-" + processor + ".txz";
        var archive = Binaries.class.getClassLoader().getResource(name);
        if (archive == null) {
            throw new EmbeddedPostgresException(
                    Reason.NO_BINARIES,
                    "This build of the platform brings no PostgreSQL for " + system + " on " + processor + " (" + name
                            + " is not on the class path).",
                    "Build the platform on such a machine, or set spring.datasource.url to a PostgreSQL of your own.");
        }
        return archive;
    }

    /** It tells versions apart and is no proof of anything, so it is the one that the jar has of it: it is wanted at each start. */
    private static String checksum(URL archive) throws IOException {
        var inJar = (JarURLConnection) archive.openConnection();
        return HexFormat.of().toHexDigits((int) inJar.getJarEntry().getCrc());
    }

    private static void unpack(URL archive, PostgresHome home, Path folder) throws IOException {
        log.info("Unpacking PostgreSQL into {}", folder);
        var half = Files.createTempDirectory(home.root(), HALF_MADE);
        home.discard(HALF_MADE, half);
        Files.setPosixFilePermissions(half, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (var tar =
                new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(archive.openStream())))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                extract(entry, tar, half);
            }
        }
        Files.move(half, folder, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void extract(TarArchiveEntry entry, InputStream content, Path folder) throws IOException {
        var target = inside(folder, folder.resolve(entry.getName()), entry);
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            return;
        }
        Files.createDirectories(target.resolveSibling("."));
        if (entry.isSymbolicLink()) {
            inside(folder, target.resolveSibling(entry.getLinkName()), entry);
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
            return;
        }
        if (!entry.isFile()) {
            throw new IOException("unexpected kind of entry in the archive: " + entry.getName());
        }
        Files.copy(content, target);
        var mode = (entry.getMode() & 0111) == 0 ? "rw-r--r--" : "rwxr-xr-x";
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(mode));
    }

    private static Path inside(Path folder, Path path, TarArchiveEntry entry) throws IOException {
        var normal = path.normalize();
        if (!normal.startsWith(folder)) {
            throw new IOException("entry leaves the archive's folder: " + entry.getName());
        }
        return normal;
    }
}
