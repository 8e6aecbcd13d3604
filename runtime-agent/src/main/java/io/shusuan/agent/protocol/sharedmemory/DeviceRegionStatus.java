package io.shusuan.agent.protocol.sharedmemory;

/** A registered region: the first {@code byteSize} bytes of memory of a GPU that the client shares. */
public record DeviceRegionStatus(String name, long gpu, long byteSize) {}
