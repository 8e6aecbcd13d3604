/**
 * The job as the platform remembers it: the submitted bytes, its task roles, tasks and attempts, and the events that tell
 * its story. {@link io.shusuan.db.job.Job} owns its transitions; nobody else writes its state.
 */
@NullMarked
package io.shusuan.db.job;

import org.jspecify.annotations.NullMarked;
