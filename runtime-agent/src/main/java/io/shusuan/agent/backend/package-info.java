/**
 * The border between the agent and the engines that run models. A backend opens a model, says what its tensors are and makes
 * instances; an instance runs one request at a time on one platform thread. Nothing of an engine's own types crosses it.
 */
@NullMarked
package io.shusuan.agent.backend;

import org.jspecify.annotations.NullMarked;
