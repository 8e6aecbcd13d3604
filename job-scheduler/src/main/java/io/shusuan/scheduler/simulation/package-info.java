/** Days of synthetic load against the queue's decisions in seconds: no cluster, no database, and time that only events move. */
@NullMarked
package io.shusuan.scheduler.simulation;

import org.jspecify.annotations.NullMarked;
