package io.shusuan.agent.scheduling.cache;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.inference.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers of all models that cache, the one not asked for longest forgotten first. It holds copies: an answer may be a slice of a batch,
 * which would stay in memory with it. Who finds an answer gets references, so one that is forgotten meanwhile stays whole for them.
 */
public final class ResponseCache {
    /** About what an entry takes beside the bytes of its tensors. */
    private static final long OVERHEAD = 512;

    private record Entry(List<Tensor> outputs, long bytes) {}

    private final long limit;

    @GuardedBy("this")
    private final LinkedHashMap<CacheKey, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    @GuardedBy("this")
    private long used;

    public ResponseCache(long limitBytes) {
        this.limit = limitBytes;
    }

    /** The tensors are the caller's. */
    synchronized Optional<List<Tensor>> find(CacheKey key) {
        return Optional.ofNullable(entries.get(key))
                .map(entry -> entry.outputs().stream()
                        .map(output -> new Tensor(
                                output.name(),
                                output.type(),
                                output.shape(),
                                output.data().retainedDuplicate()))
                        .toList());
    }

    /** Keeps a copy, if it fits at all. */
    void keep(CacheKey key, List<Tensor> outputs) {
        long bytes = OVERHEAD;
        for (var output : outputs) {
            bytes += output.data().readableBytes();
        }
        if (bytes > limit) {
            return;
        }
        var entry = new Entry(outputs.stream().map(ResponseCache::copy).toList(), bytes);
        synchronized (this) {
            forget(entries.remove(key));
            var oldest = entries.entrySet().iterator();
            while (used + bytes > limit && oldest.hasNext()) {
                var victim = oldest.next().getValue();
                oldest.remove();
                forget(victim);
            }
            entries.put(key, entry);
            used += bytes;
        }
    }

    private static Tensor copy(Tensor output) {
        int size = output.data().readableBytes();
        var data = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, size), Math.max(1, size));
        data.writeBytes(output.data(), output.data().readerIndex(), size);
        return new Tensor(output.name(), output.type(), output.shape(), data);
    }

    @GuardedBy("this")
    private void forget(@Nullable Entry entry) {
        if (entry != null) {
            used -= entry.bytes();
            entry.outputs().forEach(Tensor::release);
        }
    }

    /** Forgets the answers of a model that is gone. */
    synchronized void forget(long owner) {
        for (var each = entries.entrySet().iterator(); each.hasNext(); ) {
            Map.Entry<CacheKey, Entry> next = each.next();
            if (next.getKey().owner() == owner) {
                each.remove();
                forget(next.getValue());
            }
        }
    }
}
