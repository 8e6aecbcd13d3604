/**
 * The inference protocol over HTTP: a pipeline of Netty's codec and one handler per connection that gathers a request, answers
 * it in order and applies back-pressure; a route per path; tensors as JSON or as bytes that follow the JSON.
 */
@NullMarked
package io.shusuan.agent.protocol.http;

import org.jspecify.annotations.NullMarked;
