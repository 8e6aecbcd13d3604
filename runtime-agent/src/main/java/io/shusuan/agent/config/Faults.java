package io.shusuan.agent.config;

import io.shusuan.agent.backend.LoadException;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with a configuration, all of it, each with its place. */
final class Faults {
    private final ConfigDocument document;
    private final List<String> found = new ArrayList<>();

    Faults(ConfigDocument document) {
        this.document = document;
    }

    /** Notes a fault of a field when the condition holds. The sentence ends with what is allowed. */
    void when(boolean wrong, String path, String sentence) {
        if (wrong) {
            found.add(document.where(path) + ": " + path + " " + sentence);
        }
    }

    /** Notes that a field asks for what this server does not do. */
    void lacking(boolean asked, String path, String instead) {
        when(asked, path, "is not supported by this server: " + instead);
    }

    void raise() throws LoadException {
        if (!found.isEmpty()) {
            throw new LoadException("the configuration of '" + document.config().getName() + "' cannot be used: "
                    + String.join("; ", found));
        }
    }
}
