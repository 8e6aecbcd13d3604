package io.shusuan.agent.protocol.access;

import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The tokens that callers must bring; none means that nobody is asked. Only their digests are kept. */
public final class Tokens {
    private static final String SCHEME = "Bearer ";

    private final List<byte[]> digests;

    public Tokens(List<String> tokens) {
        this.digests = tokens.stream().map(Tokens::digest).toList();
    }

    /** @param authorization the header of that name */
    public void check(@Nullable String authorization) {
        if (digests.isEmpty()) {
            return;
        }
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw new ServingException(
                    Reason.UNAUTHENTICATED,
                    "this server asks for a token: send the header Authorization: Bearer TOKEN");
        }
        byte[] given = digest(authorization.substring(SCHEME.length()).strip());
        boolean known = false;
        for (byte[] digest : digests) {
            known |= MessageDigest.isEqual(digest, given);
        }
        if (!known) {
            throw new ServingException(Reason.UNAUTHENTICATED, "this server does not know the token");
        }
    }

    private static byte[] digest(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JVM has SHA-256", impossible);
        }
    }
}
