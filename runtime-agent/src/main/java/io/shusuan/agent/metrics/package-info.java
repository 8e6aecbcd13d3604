/**
 * What the agent counts, and how it shows it: the statistics of a model version, and the exposition in Prometheus' text format
 * under the names that dashboards for this protocol already use.
 */
@NullMarked
package io.shusuan.agent.metrics;

import org.jspecify.annotations.NullMarked;
