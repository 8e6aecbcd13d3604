package io.shusuan.scheduler.spec;

/** A port a task listens on. An unnamed one in the text is named after its place: {@code port-0}, {@code port-1} … */
public record TaskPort(String name, int number) {}
