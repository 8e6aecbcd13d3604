package io.shusuan.agent.node;

import java.time.Instant;

/**
 * Memory of a process that only ever grows.
 *
 * @param since when it began to
 * @param fromBytes what the process had then
 */
public record Leak(Instant since, long fromBytes) {}
