package io.shusuan.scheduler.queue;

import io.shusuan.scheduler.queue.quota.Resource;

/** Who has how much of what a job waits for. */
public record Holder(String name, Resource resource, long amount) {}
