package io.shusuan.scheduler.cluster.local;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds what an attempt's output takes on disk while its process goes on writing into the same file. The old part is given
 * back with a hole: nothing is copied, no line is lost between copy and cut, and offsets stay what they were.
 */
final class KeptOutput {

    private static final Logger log = LoggerFactory.getLogger(KeptOutput.class);
    private static final AtomicBoolean TOLD = new AtomicBoolean();
    private static final long BLOCK = 4096;

    /** How far behind the cut the beginning of a line is looked for. */
    private static final int LOOK_AHEAD = 64 * 1024;

    private KeptOutput() {}

    /** Where the kept part of the output begins. */
    static long begin(AttemptFolder attempt) throws IOException {
        try {
            return attempt.read("output.begin").map(Long::parseLong).orElse(0L);
        } catch (NumberFormatException garbage) {
            return 0;
        }
    }

    /** Gives the older part back once the kept part is twice as long as wanted. */
    static void bound(AttemptFolder attempt, long kept) throws IOException {
        long size;
        try {
            size = Files.size(attempt.output());
        } catch (NoSuchFileException nothingWritten) {
            return;
        }
        if (size - begin(attempt) < 2 * kept) {
            return;
        }
        var cut = (size - kept) / BLOCK * BLOCK;
        // First said, then done: who reads what is being cut away finds out afterwards, and skips it.
        attempt.writeWhole("output.begin", Long.toString(nextLine(attempt, cut)));
        punch(attempt, cut);
    }

    private static long nextLine(AttemptFolder attempt, long from) throws IOException {
        try (var file = new RandomAccessFile(attempt.output().toFile(), "r")) {
            var bytes = new byte[LOOK_AHEAD];
            file.seek(from);
            var count = file.read(bytes);
            for (var i = 0; i < count; i++) {
                if (bytes[i] == '\n') {
                    return from + i + 1;
                }
            }
            return from;
        }
    }

    /** By the program, since Java has no such call. Without it outputs grow, which is told once and stops nothing. */
    private static void punch(AttemptFolder attempt, long length) throws IOException {
        try {
            var punch = new ProcessBuilder(
                            "fallocate",
                            "--punch-hole",
                            "--offset",
                            "0",
                            "--length",
                            Long.toString(length),
                            attempt.output().toString())
                    .redirectErrorStream(true)
                    .start();
            var said = new String(punch.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (punch.waitFor() != 0) {
                tellOnce(said);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } catch (IOException noSuchProgram) {
            tellOnce(noSuchProgram.toString());
        }
    }

    private static void tellOnce(String why) {
        if (TOLD.compareAndSet(false, true)) {
            log.warn("the outputs of tasks grow without bound, since holes cannot be punched into them: {}", why);
        }
    }
}
