/**
 * The inference protocol over gRPC. The calls are described by hand, so that the way of a tensor into and out of a message is
 * this package's own; today an input is copied once into a direct buffer, and an output goes into the frame from the buffer the
 * engine wrote.
 */
@NullMarked
package io.shusuan.agent.protocol.grpc;

import org.jspecify.annotations.NullMarked;
