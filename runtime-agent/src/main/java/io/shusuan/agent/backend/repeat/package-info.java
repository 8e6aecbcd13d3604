/** A decoupled backend that answers once for every element of its input: it shows streams at work and measures them. */
@NullMarked
package io.shusuan.agent.backend.repeat;

import org.jspecify.annotations.NullMarked;
