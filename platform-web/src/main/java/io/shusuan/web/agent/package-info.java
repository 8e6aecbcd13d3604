/** The runtime agents that report to the platform, and the models they serve. */
@NullMarked
package io.shusuan.web.agent;

import org.jspecify.annotations.NullMarked;
