package io.shusuan.agent.backend.sequence;

import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.SequenceStep;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Tensor;
import java.util.List;
import java.util.Optional;

/** Adds each row to its sequence. */
record SequenceInstance(
        int ordinal,
        String input,
        String output,
        Optional<ControlTensor> start,
        Optional<ControlTensor> end,
        Optional<ControlTensor> ready,
        Optional<ControlTensor> id,
        Sums sums)
        implements BackendInstance {

    /** A row of a batch whose sequences have no id: its place is all that tells it from the others. */
    private record Slot(int instance, int row) {}

    @Override
    public List<Tensor> run(InferenceRequest request) {
        request.timing().inputsReady();
        var given = request.inputs().stream()
                .filter(tensor -> tensor.name().equals(input))
                .findFirst()
                .orElseThrow();
        int rows = Math.toIntExact(given.shape().elementCount());
        var step = request.parameters().sequence();
        if (step.isEmpty() && start.flatMap(control -> control.in(request)).isEmpty()) {
            throw ServingException.invalid(request.label() + "inference request to model '" + request.model()
                    + "' must specify a non-zero or non-empty correlation ID");
        }
        var answers = ByteBufAllocator.DEFAULT.buffer(Math.max(1, rows * Integer.BYTES));
        for (int row = 0; row < rows; row++) {
            int value = given.data().getIntLE(given.data().readerIndex() + row * Integer.BYTES);
            answers.writeIntLE(says(ready, request, row, true) ? add(request, step, row, value) : 0);
        }
        request.timing().outputsReady();
        return List.of(new Tensor(output, DataType.INT32, given.shape(), answers));
    }

    private int add(InferenceRequest request, Optional<SequenceStep> step, int row, int value) {
        var named = id.flatMap(control -> control.in(request));
        Object sequence = named.isPresent()
                ? ControlTensor.id(named.get(), row)
                : step.<Object>map(SequenceStep::id).orElse(new Slot(ordinal, row));
        int sum = sums.add(
                sequence,
                says(start, request, row, step.map(SequenceStep::start).orElse(false)),
                value);
        if (says(end, request, row, step.map(SequenceStep::end).orElse(false))) {
            sums.end(sequence);
        }
        return sum;
    }

    private static boolean says(Optional<ControlTensor> control, InferenceRequest request, int row, boolean otherwise) {
        if (control.isEmpty()) {
            return otherwise;
        }
        var tensor = control.get().in(request);
        return tensor.isPresent() ? control.get().isTrue(tensor.get(), row) : otherwise;
    }

    @Override
    public void close() {}
}
