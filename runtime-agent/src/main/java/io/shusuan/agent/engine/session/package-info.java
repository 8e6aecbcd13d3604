/** Models running in ONNX Runtime, for everything that is better asked of the engine than computed again: types, constants, ranges, results, times. */
@NullMarked
package io.shusuan.agent.engine.session;

import org.jspecify.annotations.NullMarked;
