package io.shusuan.agent.scheduling;

import io.shusuan.agent.config.proto.BatchOutput;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelOutput;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.util.List;
import java.util.Objects;

/** An output whose elements lie one behind the other; each request's part has the open dimensions of one of its inputs. */
record ScatteredOutput(String source, List<Long> dims) {
    static ScatteredOutput of(ModelConfig config, BatchOutput output, String target) {
        var dims = config.getOutputList().stream()
                .filter(each -> each.getName().equals(target))
                .map(ModelOutput::getDimsList)
                .findFirst()
                .orElseThrow();
        return new ScatteredOutput(output.getSourceInput(0), List.copyOf(dims));
    }

    Shape shape(Waiting member) {
        var input = Objects.requireNonNull(Compatibility.find(member.request(), source));
        long[] shape = new long[dims.size() + 1];
        shape[0] = member.batchSize();
        for (int i = 0; i < dims.size(); i++) {
            shape[i + 1] = dims.get(i) >= 0 ? dims.get(i) : input.shape().dim(i + 1);
        }
        return Shape.of(shape);
    }

    void check(Tensor output, List<Waiting> members) {
        long expected = 0;
        for (var member : members) {
            expected += Tensor.byteSize(output.type(), shape(member));
        }
        if (expected != output.data().readableBytes()) {
            throw new ServingException(
                    Reason.BACKEND,
                    "the model answered " + output.data().readableBytes() + " bytes for output '" + output.name()
                            + "', which cannot be divided by the shapes of input '" + source + "': they ask for "
                            + expected);
        }
    }
}
