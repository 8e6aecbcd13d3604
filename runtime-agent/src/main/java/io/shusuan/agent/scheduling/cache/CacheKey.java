package io.shusuan.agent.scheduling.cache;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What makes two requests the same: the loaded model, all that its inputs and parameters say, and the outputs asked for. A digest
 * stands for the bytes, so that a key is small; SHA-256, because callers choose the bytes and must not be able to make two alike.
 */
record CacheKey(long owner, ByteBuffer digest) {
    static CacheKey of(long owner, InferenceRequest request) {
        var digest = sha256();
        var inputs = request.inputs().stream()
                .sorted(Comparator.comparing(Tensor::name))
                .toList();
        for (var input : inputs) {
            text(digest, input.name());
            text(digest, input.type().name());
            text(digest, input.shape().toString());
            number(digest, input.data().readableBytes());
            bytes(digest, input.data());
        }
        for (var output : new TreeSet<>(request.outputs())) {
            text(digest, output);
        }
        new TreeMap<>(request.parameters().others()).forEach((name, value) -> {
            text(digest, name);
            text(digest, value.toString());
        });
        return new CacheKey(owner, ByteBuffer.wrap(digest.digest()).asReadOnlyBuffer());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    /** The length goes before the text, so that two texts never read as one. */
    private static void text(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        number(digest, bytes.length);
        digest.update(bytes);
    }

    private static void number(MessageDigest digest, long value) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, value));
    }

    private static void bytes(MessageDigest digest, ByteBuf data) {
        for (var part : data.nioBuffers()) {
            digest.update(part);
        }
    }
}
