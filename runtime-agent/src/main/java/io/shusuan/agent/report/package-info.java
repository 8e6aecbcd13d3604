/**
 * Heartbeats to the control plane. The agent serves on whether or not anybody listens.
 */
@NullMarked
package io.shusuan.agent.report;

import org.jspecify.annotations.NullMarked;
