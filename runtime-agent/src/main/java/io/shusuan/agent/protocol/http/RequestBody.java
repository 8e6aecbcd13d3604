package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpHeaders;

/** Where a request's body is gathered. */
final class RequestBody {
    static final String JSON_LENGTH_HEADER = "Inference-Header-Content-Length";

    /** What a cache line and every vector instruction ask for. */
    private static final int ALIGNMENT = 64;

    private static final int UNKNOWN_LENGTH_START = 8192;

    private RequestBody() {}

    /**
     * A buffer with room for the body. One that carries binary tensors is direct, with its first tensor aligned, so that an engine
     * can work on it in place; text goes to the heap, where the parser wants it.
     */
    static ByteBuf allocate(ByteBufAllocator allocator, HttpHeaders headers, long length, int maxBytes) {
        int capacity = length >= 0 ? (int) length : Math.min(UNKNOWN_LENGTH_START, maxBytes);
        var jsonLength = headers.get(JSON_LENGTH_HEADER);
        if (jsonLength == null) {
            return allocator.heapBuffer(capacity);
        }
        var buffer = allocator.directBuffer(capacity + ALIGNMENT);
        int shift = buffer.hasMemoryAddress() ? shift(buffer.memoryAddress(), jsonLength) : 0;
        buffer.setIndex(shift, shift);
        return buffer;
    }

    private static int shift(long address, String jsonLength) {
        try {
            return (int) Math.floorMod(-(address + Integer.parseInt(jsonLength.strip())), (long) ALIGNMENT);
        } catch (NumberFormatException refusedLater) {
            return 0;
        }
    }
}
