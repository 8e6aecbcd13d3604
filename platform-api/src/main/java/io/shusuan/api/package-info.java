/** What programs see. */
@NullMarked
package io.shusuan.api;

import org.jspecify.annotations.NullMarked;
