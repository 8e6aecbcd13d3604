package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;

/** A request received whole. Its body belongs to the connection, which releases it when the answer is on its way. */
public record HttpCall(HttpMethod method, String path, HttpHeaders headers, ByteBuf body, long receivedNanos) {}
