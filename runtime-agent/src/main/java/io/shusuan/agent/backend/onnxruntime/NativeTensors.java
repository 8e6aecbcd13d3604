package io.shusuan.agent.backend.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The engine's handles of one run, with the aligned copies some of them needed. Closing frees both. */
final class NativeTensors implements AutoCloseable {
    private final Map<String, OnnxTensor> byName = new LinkedHashMap<>();
    private final List<ByteBuf> copies = new ArrayList<>(0);

    void put(String name, OnnxTensor tensor) {
        byName.put(name, tensor);
    }

    /** Takes over a buffer that must live as long as the handles. */
    void keep(ByteBuf copy) {
        copies.add(copy);
    }

    Map<String, OnnxTensor> byName() {
        return byName;
    }

    @Override
    public void close() {
        byName.values().forEach(OnnxTensor::close);
        copies.forEach(ByteBuf::release);
    }
}
