package io.shusuan.agent.trace;

/** Something that happened to a request, in {@link System#nanoTime()}. */
record Moment(String name, long nanos) {}
