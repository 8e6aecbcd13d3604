/**
 * Which requests are traced, and where traces go. {@link Tracing} chooses requests by the settings of their model, a {@link Trace}
 * gathers the moments of one, and a thread of its own writes those that have ended: as Triton's JSON files, or as OpenTelemetry spans. The
 * way of a request reads one field when nothing is traced, and never waits for a writer: what the writer cannot take is dropped and
 * counted.
 */
@NullMarked
package io.shusuan.agent.trace;

import org.jspecify.annotations.NullMarked;
