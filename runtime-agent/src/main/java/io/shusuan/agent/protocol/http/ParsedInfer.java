package io.shusuan.agent.protocol.http;

import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.protocol.GivenParameters;
import java.util.List;

/** An infer request's body, read. Its tensors belong to whoever holds it. */
record ParsedInfer(
        String id,
        List<Tensor> inputs,
        List<RequestedOutput> outputs,
        boolean binaryByDefault,
        GivenParameters parameters) {
    ParsedInfer {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    List<String> outputNames() {
        return outputs.stream().map(RequestedOutput::name).toList();
    }
}
