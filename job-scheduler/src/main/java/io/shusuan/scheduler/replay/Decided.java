package io.shusuan.scheduler.replay;

import io.shusuan.scheduler.queue.Decision;
import java.util.List;

/**
 * What a cycle decided, short enough to be kept: whom it had run or leave in full, and of those who wait, who are many and all follow from the
 * snapshot, only a fingerprint by which it is seen whether they would be told the same again.
 */
public record Decided(List<Decision> acts, long waits) {

    public Decided {
        acts = List.copyOf(acts);
    }

    static Decided of(List<Decision> decisions) {
        var acts = decisions.stream()
                .filter(decision -> !(decision instanceof Decision.Wait))
                .toList();
        var waits = 0L;
        for (var decision : decisions) {
            if (decision instanceof Decision.Wait wait) {
                waits += fingerprint(wait); // a sum, since their order says nothing
            }
        }
        return new Decided(acts, waits);
    }

    /** Of strings and numbers only: the hashes of enums differ from process to process. */
    private static long fingerprint(Decision.Wait wait) {
        var shortage = wait.shortage();
        var hash = wait.job().value().getMostSignificantBits() * 31
                + wait.job().value().getLeastSignificantBits();
        hash = hash * 31 + shortage.reason().name().hashCode();
        hash = hash * 31 + shortage.what().hashCode();
        hash = hash * 31 + shortage.where().hashCode();
        hash = hash * 31 + shortage.asked();
        hash = hash * 31 + shortage.free();
        hash = hash * 31 + wait.position();
        return hash * 0x9E3779B97F4A7C15L ^ hash >>> 29;
    }
}
