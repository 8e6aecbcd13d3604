package io.shusuan.db.job;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** When something can have happened. Nodes have clocks of their own: what they say must not turn the order of things round. */
record Window(@Nullable Instant earliest, Instant latest) {

    /** The time within that is nearest to the one that a node says; if it says none, the latest. */
    Instant nearest(@Nullable Instant said) {
        if (said == null || said.isAfter(latest)) {
            return latest;
        }
        return earliest != null && said.isBefore(earliest) ? earliest : said;
    }
}
