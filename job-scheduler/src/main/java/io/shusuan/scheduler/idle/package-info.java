/**
 * GPUs that are held and not used. The replica that schedules notes down what node agents have measured, so that it outlives restarts and is known to whichever
 * schedules next; it warns, notifies and stops as the queues want it. DESIGN.md says what counts as idle.
 */
@NullMarked
package io.shusuan.scheduler.idle;

import org.jspecify.annotations.NullMarked;
