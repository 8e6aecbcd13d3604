package io.shusuan.agent.backend.tensorrt;

import org.bytedeco.javacpp.Pointer;

/** JavaCPP has no public way from a number to a pointer. It frees nothing. */
final class Address extends Pointer {
    Address(long address) {
        this.address = address;
    }
}
