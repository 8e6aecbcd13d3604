/**
 * Makes a model faster before it is served: reads an ONNX file, changes the precision it computes in, and lets nothing out that has not
 * been compared with the original on real samples. {@code DESIGN.md} beside this file tells how.
 */
@NullMarked
package io.shusuan.agent.engine;

import org.jspecify.annotations.NullMarked;
