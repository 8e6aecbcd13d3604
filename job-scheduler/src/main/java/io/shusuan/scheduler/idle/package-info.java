/**
 * GPUs that are held and not used. Each replica notes down what the node agents that report to it have measured, so that it outlives
 * restarts and is known to whichever replica schedules; that one warns, notifies and stops as the queues want it. DESIGN.md says what counts as idle.
 */
@NullMarked
package io.shusuan.scheduler.idle;

import org.jspecify.annotations.NullMarked;
