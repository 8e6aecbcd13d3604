package io.shusuan.agent.backend.gpu;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.shusuan.agent.backend.GpuMemory;
import io.shusuan.agent.backend.LoadException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How much of each GPU's memory this agent's models may take, and who has taken what. A model takes its share before it takes memory, so
 * what does not fit is refused while all that is served stays where it is; while a version is replaced both hold theirs.
 */
public final class MemoryBudget {
    /** The rest is for CUDA's context, for kernels and for what an execution context keeps besides: nobody tells before how much that is. */
    private static final double USUAL = 0.95;

    private final Map<Integer, Double> limits;

    @GuardedBy("this")
    private final Map<Integer, Set<Share>> held = new HashMap<>();

    /** @param limits the fraction of a GPU that models may take, where it is not the usual one */
    public MemoryBudget(Map<Integer, Double> limits) {
        this.limits = Map.copyOf(limits);
    }

    /**
     * Takes a share for a model. The caller gives it back when all its memory is.
     *
     * @param now what the GPU says
     * @throws LoadException when it does not fit, with who holds how much
     */
    public synchronized Share take(int gpu, String holder, MemoryUse use, MemoryState now) throws LoadException {
        var share = new Share(gpu, holder, (long) (now.total() * fraction(gpu)));
        share.change(use, 0, now);
        held.computeIfAbsent(gpu, _ -> new LinkedHashSet<>()).add(share);
        return share;
    }

    private double fraction(int gpu) {
        return limits.getOrDefault(gpu, USUAL);
    }

    /** Who holds how much, as part of a sentence. */
    public String holders(int gpu) {
        return holders(gpu, null);
    }

    private synchronized String holders(int gpu, @Nullable Share except) {
        var others = held.getOrDefault(gpu, Set.of()).stream()
                .filter(share -> share != except)
                .sorted(Comparator.comparingLong((Share share) -> share.use.total())
                        .reversed())
                .map(share -> share.holder + " holds " + share.use)
                .toList();
        return others.isEmpty() ? "no other model holds any" : String.join(", ", others);
    }

    /** What one load of a model has taken of a GPU. */
    public final class Share implements AutoCloseable {
        private final int gpu;
        private final String holder;
        private final long limit;
        private MemoryUse use = MemoryUse.NONE;

        private Share(int gpu, String holder, long limit) {
            this.gpu = gpu;
            this.holder = holder;
            this.limit = limit;
        }

        /**
         * Makes it larger or smaller.
         *
         * @param allocated how much of it is on the GPU already
         */
        public void change(MemoryUse wanted, long allocated, MemoryState now) throws LoadException {
            synchronized (MemoryBudget.this) {
                long others = others();
                if (wanted.total() > limit - others) {
                    throw new LoadException(refusal(wanted)
                            + MemoryUse.mebibytes(Math.max(0, limit - others)) + " are free of a budget of "
                            + MemoryUse.mebibytes(limit) + " (" + percent() + " of " + MemoryUse.mebibytes(now.total())
                            + "); " + holders(gpu, this) + ". Unload a model, give this one fewer instances or smaller "
                            + "profiles (of ONNX Runtime a smaller gpu_mem_limit), or raise --model-load-gpu-limit");
                }
                if (wanted.total() - allocated > now.free()) {
                    throw new LoadException(refusal(wanted) + "its budget has room for it, but the GPU has only "
                            + MemoryUse.mebibytes(now.free()) + " of " + MemoryUse.mebibytes(now.total())
                            + " left; " + holders(gpu, this) + ", the rest is held by other processes or by engines "
                            + "that are not counted. End what else runs on the GPU");
                }
                use = wanted;
            }
        }

        /** How much may be allocated for it besides what is already, as long as nobody else takes some. */
        public long room(long allocated, MemoryState now) {
            synchronized (MemoryBudget.this) {
                return Math.min(limit - others() - allocated, now.free());
            }
        }

        @GuardedBy("MemoryBudget.this")
        private long others() {
            return held.getOrDefault(gpu, Set.of()).stream()
                    .filter(share -> share != this)
                    .mapToLong(share -> share.use.total())
                    .sum();
        }

        private String refusal(MemoryUse wanted) {
            return "GPU_MEMORY_EXCEEDED: " + holder + " takes " + wanted + " of memory on GPU " + gpu + ", and ";
        }

        private String percent() {
            return String.format(Locale.ROOT, "%.0f %%", 100 * fraction(gpu));
        }

        public GpuMemory told() {
            synchronized (MemoryBudget.this) {
                return new GpuMemory(gpu, use.total(), limit);
            }
        }

        @Override
        public void close() {
            synchronized (MemoryBudget.this) {
                held.getOrDefault(gpu, new LinkedHashSet<>()).remove(this);
            }
        }
    }
}
