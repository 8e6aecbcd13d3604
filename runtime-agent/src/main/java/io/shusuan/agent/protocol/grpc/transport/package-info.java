/**
 * gRPC over Netty's HTTP/2: calls, their messages and how they end; what is in a message belongs to others. Bytes of a message are
 * handed on as they arrive and sent from where they lie, so that a tensor is copied once at most on its way in and not at all on its way out
 * (docs/decisions/0013-grpc-on-nettys-http2.md).
 */
@NullMarked
package io.shusuan.agent.protocol.grpc.transport;

import org.jspecify.annotations.NullMarked;
