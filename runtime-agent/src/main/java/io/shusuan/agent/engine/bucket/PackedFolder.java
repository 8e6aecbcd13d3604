package io.shusuan.agent.engine.bucket;

import io.shusuan.agent.engine.graph.Sha256;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.LocalDateTime;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * A folder as one stream of bytes: a zip file without compression, whose first entry lists the SHA-256 of all others as {@code sha256sum}
 * does. It is written and read in one pass, whatever its size.
 */
final class PackedFolder {
    private static final String SUMS = "SHA256SUMS";
    private static final int MOST_SUMS = 1 << 20;
    private static final Pattern SUM = Pattern.compile("([0-9a-f]{64}) {2}(\\S.*)");
    private static final LocalDateTime ALWAYS = LocalDateTime.of(1980, 1, 1, 0, 0);

    private PackedFolder() {}

    /** @throws IOException as well when a file changes while it is packed */
    static void pack(Path folder, OutputStream to) throws IOException {
        var sums = sums(folder);
        var zip = new ZipOutputStream(to);
        zip.setLevel(Deflater.NO_COMPRESSION);
        var list = new StringBuilder();
        sums.forEach((name, sum) -> list.append(sum).append("  ").append(name).append('\n'));
        zip.putNextEntry(entry(SUMS));
        zip.write(list.toString().getBytes(StandardCharsets.UTF_8));
        for (var each : sums.entrySet()) {
            zip.putNextEntry(entry(each.getKey()));
            var digested = new DigestOutputStream(zip, Sha256.digest());
            Files.copy(folder.resolve(each.getKey()), digested);
            if (!each.getValue().equals(hex(digested.getMessageDigest()))) {
                throw new IOException(folder.resolve(each.getKey()) + " has changed while it was read");
            }
        }
        zip.finish();
    }

    private static ZipEntry entry(String name) {
        var entry = new ZipEntry(name);
        entry.setTimeLocal(ALWAYS);
        return entry;
    }

    private static Map<String, String> sums(Path folder) throws IOException {
        var sums = new LinkedHashMap<String, String>();
        try (var all = Files.walk(folder)) {
            for (var file : all.filter(Files::isRegularFile).sorted().toList()) {
                try (var in = new DigestInputStream(Files.newInputStream(file), Sha256.digest())) {
                    in.transferTo(OutputStream.nullOutputStream());
                    sums.put(folder.relativize(file).toString(), hex(in.getMessageDigest()));
                }
            }
        }
        return sums;
    }

    /**
     * Leaves in the folder what was packed, or throws: what is there then is a part, and the caller's to remove.
     *
     * @param most bytes that it may be
     * @throws DamagedException where it is not what was packed, with what is wrong
     */
    static void unpack(InputStream from, Path folder, long most) throws IOException {
        try {
            var zip = new ZipInputStream(from);
            var first = zip.getNextEntry();
            if (first == null || !first.getName().equals(SUMS)) {
                throw new DamagedException("it does not begin with " + SUMS);
            }
            var left = sums(zip.readNBytes(MOST_SUMS));
            long room = most;
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                var sum = left.remove(entry.getName());
                if (sum == null) {
                    throw new DamagedException("it holds '" + entry.getName() + "', which its list has not, or twice");
                }
                room -= unpack(zip, inside(folder, entry.getName()), sum, room);
            }
            if (!left.isEmpty()) {
                throw new DamagedException("it lacks " + left.keySet());
            }
        } catch (EOFException end) {
            throw new DamagedException("it is cut off");
        } catch (ZipException | IllegalArgumentException broken) {
            throw new DamagedException("it is overwritten (" + broken.getMessage() + ")");
        }
    }

    private static Map<String, String> sums(byte[] list) throws DamagedException {
        var sums = new LinkedHashMap<String, String>();
        for (var line : new String(list, StandardCharsets.UTF_8).lines().toList()) {
            var sum = SUM.matcher(line);
            if (!sum.matches()) {
                throw new DamagedException("its " + SUMS + " cannot be read");
            }
            sums.put(sum.group(2), sum.group(1));
        }
        return sums;
    }

    private static Path inside(Path folder, String name) throws IOException {
        var file = folder.resolve(name).normalize();
        if (!file.startsWith(folder) || file.equals(folder)) {
            throw new DamagedException("'" + name + "' lies outside of it");
        }
        Files.createDirectories(file.getParent());
        return file;
    }

    private static long unpack(InputStream from, Path file, String sum, long room) throws IOException {
        long size = 0;
        var buffer = new byte[1 << 16];
        try (var to = new DigestOutputStream(Files.newOutputStream(file), Sha256.digest())) {
            for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
                size += read;
                if (size > room) {
                    throw new DamagedException("it is larger than the " + room + " bytes there is room for");
                }
                to.write(buffer, 0, read);
            }
            if (!sum.equals(hex(to.getMessageDigest()))) {
                throw new DamagedException("'" + file.getFileName() + "' has another SHA-256 than its list says");
            }
        }
        return size;
    }

    private static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
