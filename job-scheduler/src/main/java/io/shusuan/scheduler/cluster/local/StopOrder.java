package io.shusuan.scheduler.cluster.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The word that a job should end, kept in its folder: a platform that starts anew starts nothing of it again. */
final class StopOrder {

    private StopOrder() {}

    static void give(Path jobFolder) throws IOException {
        Files.createDirectories(jobFolder);
        Files.writeString(jobFolder.resolve("stopping"), "");
    }

    static boolean isGiven(Path jobFolder) {
        return Files.exists(jobFolder.resolve("stopping"));
    }
}
