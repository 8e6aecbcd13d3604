/** What the protocols have in common: names, limits and views of a model that both HTTP and gRPC show. */
@NullMarked
package io.shusuan.agent.protocol;

import org.jspecify.annotations.NullMarked;
