package io.shusuan.scheduler.cluster.local;

import io.shusuan.db.job.JobId;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Ends one attempt: TERM to its whole process tree, KILL to what is left after the grace. */
record Stopping(LocalRuntime runtime, JobId job, AttemptFolder attempt) {

    private static final String VERDICT = "Stopped stopped on request";

    /** May be called again while an earlier call is under way: the order stands in the attempt's folder. */
    void begin(Duration grace) throws IOException {
        if (!attempt.started()) {
            attempt.end(143, VERDICT);
            return;
        }
        var asked = attempt.verdict().isPresent();
        var tree = new ProcessTree(attempt.path().toString(), attempt.pid().orElse(-1));
        if (attempt.leader().isEmpty()) {
            tree.signal("KILL");
            attempt.end(143, VERDICT);
            return;
        }
        if (asked && grace.isPositive() && !overdue(grace)) {
            return;
        }
        attempt.writeWhole("verdict", VERDICT);
        if (grace.isPositive() && !asked) {
            tree.signal("TERM");
            runtime.execute(() -> {
                TimeUnit.MILLISECONDS.sleep(grace.toMillis());
                kill(tree);
            });
        } else {
            kill(tree);
        }
    }

    /** Asked for long ago, by a platform that was killed before it came to the KILL. */
    private boolean overdue(Duration grace) throws IOException {
        var asked = java.nio.file.Files.getLastModifiedTime(attempt.path().resolve("verdict"))
                .toInstant();
        return java.time.Instant.now().isAfter(asked.plus(grace).plusSeconds(1));
    }

    private void kill(ProcessTree tree) throws IOException {
        if (attempt.exitCode().isEmpty()) {
            tree.signal("KILL");
            attempt.end(137, VERDICT);
        }
        runtime.changed(job);
    }
}
