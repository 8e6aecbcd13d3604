/**
 * What became of single requests. The last ones that had an id are kept in a ring, so that whoever holds an id can ask where the time
 * went or why it failed. A request without an id costs nothing, because nobody could ask for it.
 */
@NullMarked
package io.shusuan.agent.explanation;

import org.jspecify.annotations.NullMarked;
