@NullMarked
package io.shusuan.agent.backend.onnxruntime;

import org.jspecify.annotations.NullMarked;
