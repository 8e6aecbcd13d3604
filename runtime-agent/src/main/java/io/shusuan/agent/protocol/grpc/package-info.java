/**
 * The inference protocol over gRPC. The service is described by hand, so that the infer call's tensors can be handed over without
 * passing through intermediate arrays.
 */
@NullMarked
package io.shusuan.agent.protocol.grpc;

import org.jspecify.annotations.NullMarked;
