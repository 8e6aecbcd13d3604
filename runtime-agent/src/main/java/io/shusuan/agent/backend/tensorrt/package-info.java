/**
 * TensorRT engines on NVIDIA's GPUs. {@link io.shusuan.agent.backend.tensorrt.NativeCalls} is all that is asked of CUDA and TensorRT;
 * JavaCPP's JNI is behind it, and every {@code org.bytedeco} type stays in {@code JniCalls} and what it is made of. Who owns which native
 * object stands in {@code DESIGN.md}.
 */
@NullMarked
package io.shusuan.agent.backend.tensorrt;

import org.jspecify.annotations.NullMarked;
