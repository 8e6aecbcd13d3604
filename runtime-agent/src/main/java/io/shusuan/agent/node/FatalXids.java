package io.shusuan.agent.node;

import java.util.Set;

/**
 * The errors after which NVIDIA's catalogue has a GPU reset or looked at. The others are faults of the programs on it (13, 31, 43, 45, 69), are
 * mended by the driver (63, 92, 94), or only inform.
 */
final class FatalXids {
    private static final Set<Integer> NUMBERS = Set.of(
            46, // it stopped processing
            48, // a double bit error of its memory
            62, // its microcontroller halted
            64, // a page or row could not be retired
            74, // NVLink
            79, // fallen off the bus
            95, // an uncontained memory error
            110, // a security fault
            119, // its system processor does not answer
            120, // its system processor failed
            140, // an unrecovered memory error
            143, // it could not be initialised
            158); // a fatal timeout

    private FatalXids() {}

    static boolean contains(int xid) {
        return NUMBERS.contains(xid);
    }
}
