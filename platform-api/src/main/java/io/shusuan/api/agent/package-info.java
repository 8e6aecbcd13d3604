/** The runtime agents that report here, what they serve and how they do. */
@NullMarked
package io.shusuan.api.agent;

import org.jspecify.annotations.NullMarked;
