/**
 * Jobs as people see them: the list with its filters in the address, one job with its tasks, events, logs, text and metrics, and the
 * page that takes a new one. What is right and wrong in a text is decided by {@link io.shusuan.scheduler.job.Submissions} alone.
 */
@NullMarked
package io.shusuan.web.job;

import org.jspecify.annotations.NullMarked;
