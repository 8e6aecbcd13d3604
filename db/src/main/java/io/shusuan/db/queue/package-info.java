/** The queues that jobs wait in. Only an open one admits them. */
@NullMarked
package io.shusuan.db.queue;

import org.jspecify.annotations.NullMarked;
