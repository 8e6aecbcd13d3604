package io.shusuan.scheduler.spec;

import java.time.Duration;

/** A task is ready when it answers a GET of a path on one of its ports, over plain HTTP, with a status from 200 to 399. */
public record Readiness(String path, TaskPort port) {

    /** A program that does one thing at a time answers late while it computes, and is ready nevertheless. */
    public static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** So many refusals in a row, by a path or of a connection, and who was ready is not. */
    public static final int REFUSALS = 3;
}
