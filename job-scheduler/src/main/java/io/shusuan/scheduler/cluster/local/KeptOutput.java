package io.shusuan.scheduler.cluster.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;

/**
 * Bounds what an attempt's output takes on disk while its process goes on writing into the same file. The old part is given
 * back with a hole: nothing is copied, no line is lost between copy and cut, and offsets stay what they were.
 */
final class KeptOutput {

    private static final long BLOCK = 4096;

    private KeptOutput() {}

    /** Where the kept part of the output begins. */
    static long begin(AttemptFolder attempt) throws IOException {
        try {
            return Long.parseLong(
                    Files.readString(attempt.path().resolve("output.begin")).strip());
        } catch (NoSuchFileException everythingIsKept) {
            return 0;
        }
    }

    /** Gives the older part back once the kept part is twice as long as wanted. */
    static void bound(AttemptFolder attempt, long kept) throws IOException, InterruptedException {
        if (!Files.exists(attempt.output())) {
            return;
        }
        var begin = begin(attempt);
        var size = Files.size(attempt.output());
        if (size - begin < 2 * kept) {
            return;
        }
        var cut = (size - kept) / BLOCK * BLOCK;
        attempt.writeWhole("output.begin", Long.toString(cut));
        var punch = new ProcessBuilder(
                        "fallocate",
                        "--punch-hole",
                        "--offset",
                        "0",
                        "--length",
                        Long.toString(cut),
                        attempt.output().toString())
                .redirectErrorStream(true)
                .start();
        var said = new String(punch.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (punch.waitFor() != 0) {
            throw new IOException("cannot bound the output %s: %s".formatted(attempt.output(), said.strip()));
        }
    }
}
