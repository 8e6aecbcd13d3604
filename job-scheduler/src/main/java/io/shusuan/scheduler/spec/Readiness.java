package io.shusuan.scheduler.spec;

/** A task is ready when it answers a GET of a path on one of its ports, over plain HTTP, with a status from 200 to 399. */
public record Readiness(String path, TaskPort port) {}
