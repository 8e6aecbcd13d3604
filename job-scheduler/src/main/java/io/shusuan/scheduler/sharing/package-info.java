/**
 * How the nodes are shared: what administrators have said about flavours, cohorts and queues. Values that can be changed on
 * paper and looked at before anything is written; one place that reads and writes them.
 */
@NullMarked
package io.shusuan.scheduler.sharing;

import org.jspecify.annotations.NullMarked;
