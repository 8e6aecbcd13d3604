/** Jobs over REST: submit, list, look at, follow, stop, delete. */
@NullMarked
package io.shusuan.api.job;

import org.jspecify.annotations.NullMarked;
