package io.shusuan.agent.protocol.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.protocol.Classification;
import io.shusuan.agent.protocol.grpc.proto.InferParameter;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelInferResponse;
import io.shusuan.agent.protocol.sharedmemory.SharedOutputs;
import io.shusuan.agent.repository.ServedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * An answer as a message. Its tensors are not copied, so the message is only valid inside the call that sends it: who keeps its
 * buffers longer takes references of his own.
 */
final class OutputMessages {
    private OutputMessages() {}

    /** Takes the response over. */
    static void write(
            ModelInferRequest asked,
            InferenceResponse response,
            ServedModel model,
            SharedOutputs shared,
            Consumer<AnswerMessage> send) {
        try (response) {
            var own = new ArrayList<Tensor>(0);
            try {
                var message = ModelInferResponse.newBuilder()
                        .setModelName(response.model())
                        .setModelVersion(Long.toString(response.version()))
                        .setId(response.id());
                response.parameters()
                        .forEach((name, value) -> message.putParameters(name, ParameterMessages.write(value)));
                var raw = new ArrayList<ByteBuf>(response.outputs().size());
                for (var output : inOrder(asked, response.outputs())) {
                    int classes = classesOf(asked, output.name());
                    var shown = output;
                    if (classes > 0) {
                        shown = Classification.of(output, classes, model);
                        own.add(shown);
                    }
                    raw.add(add(message, shown, shared));
                }
                send.accept(new AnswerMessage(message.build(), raw));
            } finally {
                own.forEach(Tensor::release);
            }
        }
    }

    /** Describes an output; what is returned of it belongs into the answer. */
    private static ByteBuf add(ModelInferResponse.Builder message, Tensor tensor, SharedOutputs shared) {
        var described = message.addOutputsBuilder()
                .setName(tensor.name())
                .setDatatype(tensor.type().name());
        for (long dim : tensor.shape().toArray()) {
            described.addShape(dim);
        }
        var place = shared.place(tensor.name());
        if (place != null) {
            shared.take(tensor);
            described.putParameters("shared_memory_region", ParameterMessages.text(place.region()));
            described.putParameters(
                    "shared_memory_byte_size",
                    ParameterMessages.whole(tensor.data().readableBytes()));
            if (place.offset() > 0) {
                described.putParameters("shared_memory_offset", ParameterMessages.whole(place.offset()));
            }
            // clients find an output's bytes by its place among the outputs
            return Unpooled.EMPTY_BUFFER;
        }
        return tensor.data();
    }

    private static List<Tensor> inOrder(ModelInferRequest asked, List<Tensor> outputs) {
        if (asked.getOutputsCount() == 0) {
            return outputs;
        }
        var ordered = new ArrayList<Tensor>(outputs.size());
        for (var wanted : asked.getOutputsList()) {
            for (var output : outputs) {
                if (output.name().equals(wanted.getName()) && !ordered.contains(output)) {
                    ordered.add(output);
                }
            }
        }
        return ordered;
    }

    private static int classesOf(ModelInferRequest asked, String output) {
        for (var requested : asked.getOutputsList()) {
            if (requested.getName().equals(output)) {
                long classes = requested
                        .getParametersOrDefault("classification", InferParameter.getDefaultInstance())
                        .getInt64Param();
                return Math.clamp(classes, 0, Integer.MAX_VALUE);
            }
        }
        return 0;
    }
}
