/** Numbers that pass, and those that do not. */
@NullMarked
package io.shusuan.agent.engine.gate;

import org.jspecify.annotations.NullMarked;
