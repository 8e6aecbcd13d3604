/** What the platform decides and does. */
@NullMarked
package io.shusuan.scheduler;

import org.jspecify.annotations.NullMarked;
