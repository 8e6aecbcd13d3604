/** The platform without its portal, run whole for tests: real database, real local cluster, real HTTP. */
@NullMarked
package io.shusuan.api.testing;

import org.jspecify.annotations.NullMarked;
