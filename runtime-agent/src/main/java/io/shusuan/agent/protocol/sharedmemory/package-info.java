/**
 * Memory that clients on the same machine share with the server: a client registers a region, and a tensor then says where in it
 * its bytes are, or where the answer's are wanted. A region that is unregistered is gone for new requests at once, and stays mapped
 * until the last request that uses it has finished.
 */
@NullMarked
package io.shusuan.agent.protocol.sharedmemory;

import org.jspecify.annotations.NullMarked;
