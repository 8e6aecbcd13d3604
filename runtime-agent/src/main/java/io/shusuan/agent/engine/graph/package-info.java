/** ONNX models as files and as graphs: read with what is wrong named, put in order, checked against the operators that ONNX Runtime knows. */
@NullMarked
package io.shusuan.agent.engine.graph;

import org.jspecify.annotations.NullMarked;
