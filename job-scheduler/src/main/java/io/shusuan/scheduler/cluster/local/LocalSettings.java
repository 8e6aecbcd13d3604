package io.shusuan.scheduler.cluster.local;

import io.shusuan.db.job.Resources;
import java.nio.file.Path;
import java.util.List;

/**
 * How the local cluster is set up.
 *
 * @param home holds {@code tasks/} and {@code artifacts/}
 * @param limit what all tasks together may ask for
 * @param maxTasks how many tasks may run at once
 * @param path folders put before the tasks' PATH
 * @param firstPort ports for tasks are taken from here upwards
 * @param lastPort to here
 * @param keptOutput how many bytes of an attempt's output are kept
 */
public record LocalSettings(
        Path home, Resources limit, int maxTasks, List<Path> path, int firstPort, int lastPort, long keptOutput) {

    public static final long DEFAULT_KEPT_OUTPUT = 64L << 20;

    public LocalSettings {
        path = List.copyOf(path);
        home = home.toAbsolutePath();
    }

    Path tasks() {
        return home.resolve("tasks");
    }

    Path artifacts() {
        return home.resolve("artifacts");
    }
}
