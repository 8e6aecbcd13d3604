package io.shusuan.agent.protocol.sharedmemory;

/** Where in a region a tensor is, or is wanted. */
public record SharedPlace(String region, long offset, long byteSize) {}
