/** Queues as people see them. */
@NullMarked
package io.shusuan.web.queue;

import org.jspecify.annotations.NullMarked;
