/** What a converted model must pass before it may be served: close to the original, and no slower. */
@NullMarked
package io.shusuan.agent.engine.gate;

import org.jspecify.annotations.NullMarked;
