/** A backend that adds up what the requests of a sequence bring: it shows whether sequences are kept apart and in order. */
@NullMarked
package io.shusuan.agent.backend.sequence;

import org.jspecify.annotations.NullMarked;
