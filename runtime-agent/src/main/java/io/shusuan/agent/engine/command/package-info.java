/** The commands of {@code shusuan-agent engine}. */
@NullMarked
package io.shusuan.agent.engine.command;

import org.jspecify.annotations.NullMarked;
