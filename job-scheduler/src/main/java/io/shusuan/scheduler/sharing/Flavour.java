package io.shusuan.scheduler.sharing;

import io.shusuan.scheduler.queue.quota.FlavourName;
import java.util.Comparator;
import java.util.Map;

/** A kind of nodes, known by their labels. */
public record Flavour(FlavourName name, Map<String, String> labels) {

    /** In which order a queue without quotas tries them: the plain ones first, so that special nodes stay free. */
    static final Comparator<Flavour> PLAIN_FIRST = Comparator.comparingInt(
                    (Flavour flavour) -> flavour.labels().size())
            .thenComparing(flavour -> flavour.name().value());

    public Flavour {
        labels = Map.copyOf(labels);
    }
}
