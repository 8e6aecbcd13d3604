package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.config.ModelInterface;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.protocol.GivenParameters;
import java.util.List;

/** A request without JSON: the whole body is the model's only input, for a batch of one. */
final class RawInput {
    private RawInput() {}

    static ParsedInfer read(ModelInterface model, ByteBuf body) {
        if (model.inputs().size() != 1) {
            throw ServingException.invalid("Raw request must only have 1 input (found "
                    + model.inputs().size() + ") to be deduced but got "
                    + model.inputs().size() + " inputs in '" + model.model() + "' model configuration");
        }
        var port = model.inputs().getFirst();
        long[] dims = port.shape().toArray();
        int first = model.maxBatchSize() > 0 ? 1 : 0;
        if (first == 1) {
            dims[0] = 1;
        }
        int open = -1;
        long known = port.type().isFixedSize() ? port.type().size() : 1;
        for (int i = first; i < dims.length; i++) {
            if (dims[i] >= 0) {
                known *= dims[i];
            } else if (open >= 0) {
                throw ServingException.invalid("The shape of the raw input '" + port.name()
                        + "' can not be deduced because there are more than one variable-sized dimension");
            } else {
                open = i;
            }
        }
        if (!port.type().isFixedSize()) {
            if (open >= 0) {
                dims[open] = 1;
            }
            var element = ByteBufAllocator.DEFAULT.directBuffer(4 + body.readableBytes());
            element.writeIntLE(body.readableBytes()).writeBytes(body, body.readerIndex(), body.readableBytes());
            return parsed(new Tensor(port.name(), port.type(), Shape.of(dims), element));
        }
        if (open >= 0 && known > 0) {
            dims[open] = body.readableBytes() / known;
            known *= dims[open];
        }
        if (known != body.readableBytes()) {
            throw ServingException.invalid(
                    "[request id: <id_unknown>] input byte size mismatch for input 'raw_input' for model '"
                            + model.model() + "'. Expected " + known + ", got " + body.readableBytes());
        }
        return parsed(new Tensor(port.name(), port.type(), Shape.of(dims), body.retainedSlice()));
    }

    private static ParsedInfer parsed(Tensor input) {
        return new ParsedInfer("", List.of(input), List.of(), true, new GivenParameters());
    }
}
