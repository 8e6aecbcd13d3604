/**
 * Where a gang's tasks can run: nodes with what is free on them, their places in racks and switches, and the search for the
 * nodes that a gang leaves the fewest gaps on.
 */
@NullMarked
package io.shusuan.scheduler.queue.placement;

import org.jspecify.annotations.NullMarked;
