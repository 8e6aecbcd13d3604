/** Who may use the platform, in which role, and the tokens that speak for them. Secrets are kept as hashes only. */
@NullMarked
package io.shusuan.db.identity;

import org.jspecify.annotations.NullMarked;
