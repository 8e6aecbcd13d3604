package io.shusuan.agent.backend.tensorrt;

import java.util.List;
import java.util.stream.Collectors;

/** TensorRT's parser does not take a model. The message names every node that is at fault. */
final class OnnxRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean unsupported;

    OnnxRefusedException(List<ParserError> errors) {
        super(errors.stream().map(ParserError::sentence).collect(Collectors.joining("; and ")));
        this.unsupported = errors.stream().anyMatch(error -> error.fault().isUnsupported());
    }

    /** Whether the model is sound and TensorRT lacks something for it. */
    boolean isUnsupported() {
        return unsupported;
    }
}
