package io.shusuan.agent.engine;

/** Why something could not be done; the codes stand in JSON answers and never change their meaning. */
public enum Fault {
    /** The file cannot be opened or read. */
    UNREADABLE,
    /** The bytes are not an ONNX model, or only the beginning of one. */
    NOT_ONNX,
    /** 2 GiB or more, which one protobuf message cannot hold. */
    TOO_LARGE,
    /** It would take more memory than this process may have. */
    OUT_OF_MEMORY,
    EXTERNAL_DATA_MISSING,
    EXTERNAL_DATA_OUTSIDE,
    UNKNOWN_OPERATOR,
    /** The nodes do not form a graph that could run. */
    INVALID_GRAPH,
    /** ONNX Runtime does not take the model, or fails while running it. */
    ENGINE_REFUSED,
    SAMPLES_UNREADABLE,
    /** The samples are not what the model takes. */
    SAMPLES_MISMATCH,
    /** The model is sound, but this conversion of it is not possible. */
    NOT_CONVERTIBLE,
    /** TensorRT has no way to do what a node of the model does. */
    UNSUPPORTED_NODE,
    /** TensorRT takes the model and fails to make an engine of it. */
    NOT_BUILDABLE,
    /** A profile is not for the model, or a dimension is open that nothing says the size of. */
    PROFILE_MISMATCH,
    OUTPUT_EXISTS,
    UNWRITABLE,
    /** What is asked for is not part of this build or not on this machine. */
    NOT_AVAILABLE
}
