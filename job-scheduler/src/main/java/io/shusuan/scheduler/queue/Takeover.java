package io.shusuan.scheduler.queue;

import io.shusuan.scheduler.queue.Option.Size;
import io.shusuan.scheduler.queue.placement.Plan;
import java.util.List;

/** Whom to evict for a job, and where it will run then. */
record Takeover(Size size, List<Tenant> victims, List<Victim> told, Plan plan, long waste) {}
