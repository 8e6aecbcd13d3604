/**
 * The runtime agent: a small server that runs models and answers the inference protocol over HTTP and gRPC. {@code Main} reads the
 * command line, {@code Agent} puts the parts together and takes them down again.
 */
@NullMarked
package io.shusuan.agent;

import org.jspecify.annotations.NullMarked;
