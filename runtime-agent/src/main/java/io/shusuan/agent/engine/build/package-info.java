/**
 * From an ONNX model to an engine of TensorRT's: what is asked of a build, which shapes its profiles take, the gates after it, and the
 * cache that keeps what was built. TensorRT itself is behind {@link io.shusuan.agent.engine.build.PlanMaker}.
 */
@NullMarked
package io.shusuan.agent.engine.build;

import org.jspecify.annotations.NullMarked;
