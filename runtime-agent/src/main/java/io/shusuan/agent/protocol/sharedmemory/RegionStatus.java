package io.shusuan.agent.protocol.sharedmemory;

/** A registered region: {@code byteSize} bytes from {@code offset} on of the system's shared memory {@code key}. */
public record RegionStatus(String name, String key, long offset, long byteSize) {}
