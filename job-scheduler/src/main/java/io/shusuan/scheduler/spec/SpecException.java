package io.shusuan.scheduler.spec;

import java.util.List;
import java.util.stream.Stream;

/** A text that is no valid job: all its faults at once, in the order they stand in the text. */
public final class SpecException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient List<Fault> faults;

    public SpecException(List<Fault> faults) {
        super(faults.size() + " fault(s), first: " + faults.getFirst().message());
        this.faults = List.copyOf(faults);
    }

    /** The same text with more that was found wrong in it. */
    public SpecException and(List<Fault> more) {
        return new SpecException(Stream.concat(faults.stream(), more.stream())
                .sorted(Faults.IN_TEXT_ORDER)
                .limit(Faults.MAX_REPORTED)
                .toList());
    }

    public List<Fault> faults() {
        return faults;
    }

    /** Whether the text could not be read at all, as against read and found wrong. */
    public boolean malformed() {
        return faults.stream().anyMatch(fault -> fault.code().malformed());
    }
}
