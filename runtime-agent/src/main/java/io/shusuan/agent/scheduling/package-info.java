/**
 * The way of a request from the protocol to an instance: one bounded queue per model version, one platform thread per
 * instance. Dynamic batching will take its place between the two.
 */
@NullMarked
package io.shusuan.agent.scheduling;

import org.jspecify.annotations.NullMarked;
