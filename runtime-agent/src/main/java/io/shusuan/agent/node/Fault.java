package io.shusuan.agent.node;

import java.time.Instant;
import java.util.OptionalInt;

/**
 * Why a GPU is not well: no work should be sent to it until it has been looked at.
 *
 * @param xid the driver's number of the error, where that is the fault
 * @param since when it was seen first
 */
public record Fault(Kind kind, OptionalInt xid, Instant since) {

    /** What there is that a GPU does not get over by itself. */
    public enum Kind {
        /** The driver told of an error after which the GPU has to be reset, or taken out. */
        FATAL_XID,
        /** Its memory had an error that could not be mended, and it was not reset since. */
        UNCORRECTABLE_ECC,
        /** A broken row of its memory could not be replaced. */
        ROW_REMAP_FAILURE,
        /** It has fallen off the bus. */
        LOST,
        /** The driver uses it no more until it is reset. */
        RESET_REQUIRED
    }
}
