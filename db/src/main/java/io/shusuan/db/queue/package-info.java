/** The queues that jobs wait in. A held queue takes submissions and admits none. */
@NullMarked
package io.shusuan.db.queue;

import org.jspecify.annotations.NullMarked;
