/** When waiting jobs will start: the queue's own decisions, run ahead many times with guesses of how long jobs run (DESIGN.md). */
@NullMarked
package io.shusuan.scheduler.forecast;

import org.jspecify.annotations.NullMarked;
