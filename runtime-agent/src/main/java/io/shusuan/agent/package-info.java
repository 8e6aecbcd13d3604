/** The runtime agent. */
@NullMarked
package io.shusuan.agent;

import org.jspecify.annotations.NullMarked;
