/** A backend that answers one request in many steps, and between them waits with the others for its turn: it counts down. */
@NullMarked
package io.shusuan.agent.backend.iterative;

import org.jspecify.annotations.NullMarked;
