/**
 * ONNX Runtime through its C API. From the library up: {@code OrtFunction} has the functions' places, {@code OrtApi} calls them and turns
 * what they refuse into {@code OrtRefusal}, {@code OnnxRuntime} makes objects that others own. {@code OnnxModel} owns the sessions, an
 * {@code OnnxInstance} the options of its runs and the {@code RunMemory} that a request's tensors are handed over in.
 */
@NullMarked
package io.shusuan.agent.backend.onnxruntime;

import org.jspecify.annotations.NullMarked;
