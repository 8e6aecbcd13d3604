package io.shusuan.agent.engine.graph;

import io.shusuan.agent.engine.onnx.AttributeProto;
import io.shusuan.agent.engine.onnx.AttributeProto.AttributeType;
import io.shusuan.agent.engine.onnx.NodeProto;
import java.util.Optional;

/** Attributes of nodes, by name. */
public final class Attributes {
    private Attributes() {}

    public static Optional<AttributeProto> find(NodeProto node, String name) {
        return node.getAttributeList().stream()
                .filter(attribute -> attribute.getName().equals(name))
                .findFirst();
    }

    public static long number(NodeProto node, String name, long unset) {
        return find(node, name).map(AttributeProto::getI).orElse(unset);
    }

    public static float real(NodeProto node, String name, float unset) {
        return find(node, name).map(AttributeProto::getF).orElse(unset);
    }

    public static AttributeProto of(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.INT)
                .setI(value)
                .build();
    }
}
