/** ONNX files that are well, and those that are not. */
@NullMarked
package io.shusuan.agent.engine.graph;

import org.jspecify.annotations.NullMarked;
