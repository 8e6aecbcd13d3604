/** What is the same on every run is computed once, before the model is converted. */
@NullMarked
package io.shusuan.agent.engine.folding;

import org.jspecify.annotations.NullMarked;
