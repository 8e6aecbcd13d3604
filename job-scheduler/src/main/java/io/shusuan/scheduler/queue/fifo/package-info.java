/**
 * First come, first served, against the sum of what is free: what decides until the nodes that running tasks hold are read
 * with the snapshot. Then the fair queue takes its place.
 */
@NullMarked
package io.shusuan.scheduler.queue.fifo;

import org.jspecify.annotations.NullMarked;
