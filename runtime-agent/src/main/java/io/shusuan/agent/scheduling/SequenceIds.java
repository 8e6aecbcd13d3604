package io.shusuan.agent.scheduling;

import io.shusuan.agent.config.proto.DataType;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelSequenceBatching.Control;
import io.shusuan.agent.inference.CorrelationId;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.ServingException;

/** Which correlation ids a model can be told; {@code TYPE_INVALID} stands for a model that does not ask. */
record SequenceIds(DataType type) {
    static SequenceIds of(ModelConfig config) {
        return new SequenceIds(config.getSequenceBatching().getControlInputList().stream()
                .flatMap(input -> input.getControlList().stream())
                .filter(control -> control.getKind() == Control.Kind.CONTROL_SEQUENCE_CORRID)
                .map(Control::getDataType)
                .findFirst()
                .orElse(DataType.TYPE_INVALID));
    }

    /** An id for a request whose caller named none. */
    CorrelationId made(long number) {
        return type == DataType.TYPE_STRING
                ? new CorrelationId.Text(Long.toString(number))
                : new CorrelationId.Numeric(1 + number % Integer.MAX_VALUE);
    }

    void check(InferenceRequest request) {
        var step = request.parameters()
                .sequence()
                .orElseThrow(() -> ServingException.invalid("inference request to model '" + request.model()
                        + "' must specify a non-zero or non-empty correlation ID"));
        boolean fits = switch (step.id()) {
            case CorrelationId.Text _ -> type == DataType.TYPE_STRING || type == DataType.TYPE_INVALID;
            case CorrelationId.Numeric number -> fits(number.value());
        };
        if (!fits) {
            throw ServingException.invalid("inference request for sequence " + step.id() + " to model '"
                    + request.model() + "' has a correlation ID that its control input of type " + type
                    + " cannot carry");
        }
    }

    private boolean fits(long id) {
        return switch (type) {
            case TYPE_INT32 -> id >= 0 && id <= Integer.MAX_VALUE;
            case TYPE_UINT32 -> id >= 0 && id <= 0xffff_ffffL;
            case TYPE_INT64 -> id >= 0;
            default -> true;
        };
    }
}
