/** Queues over REST. */
@NullMarked
package io.shusuan.api.queue;

import org.jspecify.annotations.NullMarked;
