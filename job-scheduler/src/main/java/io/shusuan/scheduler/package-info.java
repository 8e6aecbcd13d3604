/** What the platform decides and does; here is how its parts are put together. */
@NullMarked
package io.shusuan.scheduler;

import org.jspecify.annotations.NullMarked;
