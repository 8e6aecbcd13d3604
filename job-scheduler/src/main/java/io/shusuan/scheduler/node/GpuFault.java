package io.shusuan.scheduler.node;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why a GPU is not well.
 *
 * @param gpu its UUID, or "GPU 3" where it never told one
 * @param xid the driver's number of the error, where that is the fault
 * @param since when the agent saw it first
 */
public record GpuFault(String gpu, Kind kind, @Nullable Integer xid, Instant since) {

    /** What a GPU does not get over by itself. */
    public enum Kind {
        FATAL_XID("had a fatal error of the driver"),
        UNCORRECTABLE_ECC("has uncorrectable errors of its memory"),
        ROW_REMAP_FAILURE("has a broken row of memory that cannot be replaced"),
        LOST("has fallen off the bus"),
        RESET_REQUIRED("waits for a reset");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    /** Two reports of the same fault are one, whenever it was seen. */
    boolean isSameAs(GpuFault other) {
        return gpu.equals(other.gpu) && kind == other.kind && Objects.equals(xid, other.xid);
    }

    /** As people read it. */
    public String sentence() {
        return "%s %s%s".formatted(gpu, kind.words, xid == null ? "" : " (XID %d)".formatted(xid));
    }
}
