package io.shusuan.agent.backend.tensorrt;

/** Why TensorRT's ONNX parser refuses something, by the names of its own codes, and what mends it. */
enum ParserFault {
    INTERNAL_ERROR("the parser failed; serve the model with ONNX Runtime, and report it to NVIDIA with the model"),
    MEM_ALLOC_FAILED("there is not enough memory for the model"),
    MODEL_DESERIALIZE_FAILED("the file is no whole ONNX model; export or copy it again"),
    INVALID_VALUE("a value is not allowed there; export the model again"),
    INVALID_GRAPH("the graph is not sound; 'engine inspect' tells more, export the model again"),
    INVALID_NODE("the node is not sound; export the model again"),
    UNSUPPORTED_GRAPH("TensorRT cannot express the graph; serve the model with ONNX Runtime"),
    UNSUPPORTED_NODE(
            "TensorRT has no such operator; export it expressed in others, or serve the model with ONNX Runtime"),
    UNSUPPORTED_NODE_ATTR("TensorRT does not take that attribute; export the node with another value of it"),
    UNSUPPORTED_NODE_INPUT("TensorRT does not take that input; export the node with a constant or without it"),
    UNSUPPORTED_NODE_DATATYPE(
            "TensorRT does not take that type; cast it in the model, or convert it with 'engine convert --target gpu'"),
    UNSUPPORTED_NODE_DYNAMIC("TensorRT must know that shape before it runs; export the node with the shape fixed"),
    UNSUPPORTED_NODE_SHAPE("TensorRT does not take that shape; export the node with another one"),
    REFIT_FAILED("the weights do not fit; build the engine again"),
    UNKNOWN("serve the model with ONNX Runtime, or export it another way");

    private final String remedy;

    ParserFault(String remedy) {
        this.remedy = remedy;
    }

    /** By the parser's name, without the leading k. */
    static ParserFault named(String name) {
        for (var fault : values()) {
            if (fault.name().equals(name)) {
                return fault;
            }
        }
        return UNKNOWN;
    }

    boolean isUnsupported() {
        return name().startsWith("UNSUPPORTED");
    }

    String remedy() {
        return remedy;
    }
}
