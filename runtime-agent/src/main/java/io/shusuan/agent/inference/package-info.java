/**
 * What is asked of a model and what it answers: tensors over reference-counted buffers, a request, a response, and the one
 * taxonomy of failures. Every protocol turns its bytes into these types and every backend works on them, so neither knows the
 * other. Who owns a buffer at each moment is written in {@code DESIGN.md} beside the module's sources.
 */
@NullMarked
package io.shusuan.agent.inference;

import org.jspecify.annotations.NullMarked;
