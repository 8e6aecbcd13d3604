/** Conversions of models that callers ask a running agent for. They run in a process of their own, so that requests are not harmed. */
@NullMarked
package io.shusuan.agent.conversion;

import org.jspecify.annotations.NullMarked;
