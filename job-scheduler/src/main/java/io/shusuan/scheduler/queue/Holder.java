package io.shusuan.scheduler.queue;

/** Who has how much of what a job waits for. */
public record Holder(String name, long amount) {}
