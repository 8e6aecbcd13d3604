/**
 * The inference protocol over gRPC: messages of the transport beneath to requests and back. An input is read or copied into a
 * buffer of its own, and an output goes out from the buffer that the engine wrote.
 */
@NullMarked
package io.shusuan.agent.protocol.grpc;

import org.jspecify.annotations.NullMarked;
