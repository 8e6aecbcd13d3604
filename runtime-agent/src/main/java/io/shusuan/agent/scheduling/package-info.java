/**
 * The way of a request from the protocol to an instance: a bounded queue per model version, policies that say who may wait, who goes
 * together and in which order answers leave, and a platform thread per instance. {@code DESIGN.md} beside this file tells who owns a
 * request, what wakes whom and what bounds the queue.
 */
@NullMarked
package io.shusuan.agent.scheduling;

import org.jspecify.annotations.NullMarked;
