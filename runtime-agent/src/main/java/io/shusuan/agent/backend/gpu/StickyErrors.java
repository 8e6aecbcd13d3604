package io.shusuan.agent.backend.gpu;

import java.util.Set;

/** The errors of CUDA's after which a process cannot use that GPU any more, whatever it calls: CUDA's manual says so of each. */
public final class StickyErrors {
    private static final Set<Integer> CODES = Set.of(
            214, // ECCUncorrectable
            220, // NvlinkUncorrectable
            226, // Contained
            700, // IllegalAddress
            702, // LaunchTimeout
            710, // Assert
            714, // HardwareStackError
            715, // IllegalInstruction
            716, // MisalignedAddress
            717, // InvalidAddressSpace
            718, // InvalidPc
            719, // LaunchFailure
            721, // TensorMemoryLeak
            810, // MpsClientTerminated
            911); // ExternalDevice

    private StickyErrors() {}

    /** @param code a {@code cudaError_t} */
    public static boolean contain(int code) {
        return CODES.contains(code);
    }
}
