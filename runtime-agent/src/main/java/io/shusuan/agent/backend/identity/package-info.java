/**
 * A backend without computation: each output is the input at its place. It measures the agent itself.
 */
@NullMarked
package io.shusuan.agent.backend.identity;

import org.jspecify.annotations.NullMarked;
