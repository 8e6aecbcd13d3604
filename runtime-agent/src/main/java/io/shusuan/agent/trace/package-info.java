/** Which requests are traced: settings for all models, and for single ones in place of them. */
@NullMarked
package io.shusuan.agent.trace;

import org.jspecify.annotations.NullMarked;
