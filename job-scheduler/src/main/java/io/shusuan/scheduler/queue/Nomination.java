package io.shusuan.scheduler.queue;

import io.shusuan.scheduler.queue.Option.Size;
import io.shusuan.scheduler.queue.placement.Plan;

/** Whether a candidate could run now. */
sealed interface Nomination {

    record Fits(Size size, Plan plan) implements Nomination {}

    record Lacks(Shortage shortage) implements Nomination {}
}
