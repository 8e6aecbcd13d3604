package io.shusuan.scheduler.spec;

import java.util.List;

/** A text without faults: what it asks for, and a sentence for each thing it left open that was assumed. */
public record ParsedSpec(JobSpec spec, List<String> assumptions) {

    public ParsedSpec {
        assumptions = List.copyOf(assumptions);
    }
}
