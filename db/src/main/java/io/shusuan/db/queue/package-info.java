/** The queues that jobs wait in. Only an open one admits them, or hands them to another scheduler that does. */
@NullMarked
package io.shusuan.db.queue;

import org.jspecify.annotations.NullMarked;
