package io.shusuan.scheduler.cluster;

import java.io.IOException;
import java.time.Duration;

/** Reads the lines of one attempt's output, standard output and error as they came. */
public interface LogReader extends AutoCloseable {

    /**
     * The next line, waiting for it at most so long.
     *
     * @throws ClusterUnavailableException if the cluster cannot be asked for it now; a reader that begins behind the last
     *     line may later
     */
    Read next(Duration wait) throws IOException, ClusterUnavailableException, InterruptedException;

    @Override
    void close();

    /** What came of one read. */
    sealed interface Read {

        /** A line without its line end; the cursor stands behind it. */
        record Line(String cursor, String text) implements Read {}

        /** Nothing came in that time; more may. */
        record Quiet() implements Read {}

        /** No more will come. */
        record End() implements Read {}

        /** There is nothing left to read, though there may have been. The sentence is for people. */
        record Gone(String why) implements Read {}
    }
}
