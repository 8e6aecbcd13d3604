/** What the platform remembers. */
@NullMarked
package io.shusuan.db;

import org.jspecify.annotations.NullMarked;
