package io.shusuan.agent.engine.graph;

import io.shusuan.agent.engine.EngineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** What names bytes by their contents, in hexadecimal. */
public final class Sha256 {
    private Sha256() {}

    /** Of files, one after the other. */
    public static String of(List<Path> files) throws EngineException {
        var digest = digest();
        byte[] piece = new byte[1 << 16];
        for (var file : files) {
            try (var in = Files.newInputStream(file)) {
                for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                    digest.update(piece, 0, count);
                }
            } catch (IOException unreadable) {
                throw OnnxFile.unreadable(file, unreadable);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    public static String of(String text) {
        return HexFormat.of().formatHex(digest().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** A fresh one, for bytes that come by. */
    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JVM has SHA-256", impossible);
        }
    }
}
