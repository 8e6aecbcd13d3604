package io.shusuan.scheduler.spec;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with one text. */
final class Faults {

    /** A text with more faults than this is answered with the first ones. */
    static final int MAX_REPORTED = 200;

    private static final int MAX_KEPT = 5 * MAX_REPORTED;
    static final Comparator<Fault> IN_TEXT_ORDER =
            Comparator.comparingInt(Fault::line).thenComparingInt(Fault::column);

    private final List<Fault> faults = new ArrayList<>();

    /** Stops the reading of a text that has too many: to find them all would take longer than to read it. */
    void add(Fault fault) {
        faults.add(fault);
        if (faults.size() == MAX_KEPT) {
            throw stop();
        }
    }

    /** A fault that nothing can be suggested for. */
    void add(FaultCode code, Position at, Path path, String message, String found, String allowed) {
        add(new Fault(code, message, at.line(), at.column(), path.toString(), Shown.shortened(found), allowed, null));
    }

    /** For what makes reading on pointless: all that was found until here. */
    SpecException stop() {
        return new SpecException(
                faults.stream().sorted(IN_TEXT_ORDER).limit(MAX_REPORTED).toList());
    }

    void throwIfAny() {
        if (!faults.isEmpty()) {
            throw stop();
        }
    }
}
