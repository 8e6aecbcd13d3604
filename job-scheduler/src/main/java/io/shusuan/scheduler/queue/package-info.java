/**
 * The decision which jobs may run: a snapshot in, decisions out. Pure: no Spring, no I/O, no clock of its own, so that the
 * same snapshot always gives the same decisions. DESIGN.md beside this file tells how they are made.
 */
@NullMarked
package io.shusuan.scheduler.queue;

import org.jspecify.annotations.NullMarked;
