package io.shusuan.agent.repository;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Lets versions that no longer serve answer what they hold, then frees them. */
record Retirement(Duration drainDeadline) {
    private static final Logger log = System.getLogger(Models.class.getName());

    void inBackground(ModelId model, Collection<ServedModel> versions) {
        for (var version : List.copyOf(versions)) {
            Thread.ofPlatform().daemon().name("retire-" + model.name()).start(() -> now(version));
        }
    }

    void now(ServedModel version) {
        try {
            if (version.retire(drainDeadline)) {
                log.log(
                        Level.INFO,
                        "model {0} version {1} is unloaded",
                        version.id(),
                        Long.toString(version.version()));
            } else {
                log.log(
                        Level.WARNING,
                        "model {0} version {1} was still busy after {2} s and stays in memory",
                        version.id(),
                        Long.toString(version.version()),
                        drainDeadline.toSeconds());
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
