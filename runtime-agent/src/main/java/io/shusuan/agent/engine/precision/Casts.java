package io.shusuan.agent.engine.precision;

import io.shusuan.agent.engine.graph.Attributes;
import io.shusuan.agent.engine.onnx.NodeProto;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;

/** The borders between precisions. */
final class Casts {
    private Casts() {}

    static NodeProto node(String from, String to, DataType type) {
        return NodeProto.newBuilder()
                .setOpType("Cast")
                .setName(to + ".cast")
                .addInput(from)
                .addOutput(to)
                .addAttribute(Attributes.of("to", type.getNumber()))
                .build();
    }
}
