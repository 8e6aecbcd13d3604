/** The engine commands, run as their users run them. */
@NullMarked
package io.shusuan.agent.engine;

import org.jspecify.annotations.NullMarked;
