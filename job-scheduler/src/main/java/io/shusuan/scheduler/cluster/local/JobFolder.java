package io.shusuan.scheduler.cluster.local;

import io.shusuan.db.job.JobKind;
import io.shusuan.scheduler.cluster.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the folder of a job says of the job itself, beside the folders of its attempts. */
record JobFolder(Path path) {

    /** Notes what a workload says of the job. False if it is of a run that is over: who said it does not know of the later one. */
    boolean begin(Workload said) throws IOException {
        Files.createDirectories(path);
        Files.writeString(path.resolve("kind"), said.spec().kind().name());
        var newest = newestRun();
        if (said.run() > newest) {
            // Noted last: who is killed in between does all of it again.
            Files.deleteIfExists(settled());
            StopOrder.lift(path);
            Files.writeString(path.resolve("run"), Integer.toString(said.run()));
        }
        return said.run() >= newest;
    }

    private int newestRun() throws IOException {
        var file = path.resolve("run");
        return Files.exists(file) ? Integer.parseInt(Files.readString(file).strip()) : 1;
    }

    JobKind kind() throws IOException {
        var file = path.resolve("kind");
        return Files.exists(file) && Files.readString(file).equals(JobKind.INFERENCE.name())
                ? JobKind.INFERENCE
                : JobKind.TRAINING;
    }

    /** Notes that it needs no more looking after, so that a start of the platform passes it by. */
    void settle() throws IOException {
        if (Files.exists(path)) {
            Files.writeString(settled(), "");
        }
    }

    boolean isSettled() {
        return Files.exists(settled());
    }

    private Path settled() {
        return path.resolve("settled");
    }
}
