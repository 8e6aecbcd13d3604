package io.shusuan.web.job;

import java.util.Locale;
import java.util.stream.Stream;

/** The tabs of a job's page, as they stand in its address. */
enum JobTab {
    TASKS,
    EVENTS,
    LOGS,
    SPEC,
    METRICS;

    /** The first one, if the address names none that exists. */
    static JobTab of(String text) {
        return Stream.of(values())
                .filter(tab -> tab.key().equals(text))
                .findFirst()
                .orElse(TASKS);
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
