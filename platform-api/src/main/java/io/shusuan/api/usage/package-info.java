/** Accounts over REST, as JSON and as CSV. */
@NullMarked
package io.shusuan.api.usage;

import org.jspecify.annotations.NullMarked;
