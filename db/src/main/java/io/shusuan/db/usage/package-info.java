/** Accounts: what was held, by whom and for how long, and what evictions cost. They are derived from placements and outlive the jobs. */
@NullMarked
package io.shusuan.db.usage;

import org.jspecify.annotations.NullMarked;
