/** Graphs before and after what is constant was computed. */
@NullMarked
package io.shusuan.agent.engine.folding;

import org.jspecify.annotations.NullMarked;
