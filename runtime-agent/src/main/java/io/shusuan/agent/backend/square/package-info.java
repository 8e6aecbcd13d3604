/** A decoupled backend whose number of answers is its input: n gives n answers, each n. */
@NullMarked
package io.shusuan.agent.backend.square;

import org.jspecify.annotations.NullMarked;
