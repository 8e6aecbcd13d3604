/**
 * ONNX Runtime through its JNI binding. Every {@code ai.onnxruntime} type stays in this package.
 */
@NullMarked
package io.shusuan.agent.backend.onnxruntime;

import org.jspecify.annotations.NullMarked;
