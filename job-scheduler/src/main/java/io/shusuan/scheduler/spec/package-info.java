/**
 * From the text people submit to a {@link io.shusuan.scheduler.spec.JobSpec}: parsed, defaults filled in, checked as a whole.
 * Every fault of a text is found in one pass and knows its line and column.
 */
@NullMarked
package io.shusuan.scheduler.spec;

import org.jspecify.annotations.NullMarked;
