/** A conversion from the file given to the folder that may be served: one run, one report. */
@NullMarked
package io.shusuan.agent.engine.conversion;

import org.jspecify.annotations.NullMarked;
