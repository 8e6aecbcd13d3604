package io.shusuan.agent.backend.gpu;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a model takes of one GPU: what for, and how many bytes. */
public record MemoryUse(List<Part> parts) {
    /** Nothing yet. */
    public static final MemoryUse NONE = new MemoryUse(List.of());

    public MemoryUse {
        parts = List.copyOf(parts);
    }

    public MemoryUse(Part... parts) {
        this(List.of(parts));
    }

    /** One purpose. */
    public record Part(String what, long bytes) {
        @Override
        public String toString() {
            return what + " " + mebibytes(bytes);
        }
    }

    public long total() {
        return parts.stream().mapToLong(Part::bytes).sum();
    }

    public static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
    }

    @Override
    public String toString() {
        return mebibytes(total()) + parts.stream().map(Part::toString).collect(Collectors.joining(", ", " (", ")"));
    }
}
