package io.shusuan.agent.scheduling;

import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.backend.InputMemory;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelOutput;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.RequestParameters;
import io.shusuan.agent.inference.SequenceStep;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Batches of sequences. Each request is one row: with the direct strategy the row of its slot, rows without a request are zeros; else
 * one after the other. The model's controls are added to the callers' inputs, and its states, which go back to their sequences after
 * the run.
 */
record SequenceTensors(
        BatchTensors plain,
        boolean rowsAreSlots,
        boolean manyRows,
        List<ControlInput> controls,
        List<SequenceState> states,
        List<String> shown)
        implements Assembly {

    static SequenceTensors of(ModelConfig config, Map<String, byte[]> initialStates, BatchTensors plain) {
        return new SequenceTensors(
                plain,
                plain.batched() && !config.getSequenceBatching().hasOldest(),
                config.getMaxBatchSize() > 1,
                ControlInput.of(config),
                SequenceState.of(config, initialStates),
                config.getOutputList().stream().map(ModelOutput::getName).toList());
    }

    @Override
    public boolean leavesOneAsItIs() {
        return false;
    }

    @Override
    public InferenceRequest gather(Batch batch, InputMemory memory) {
        var rows = rows(batch);
        var first = batch.members().getFirst().request();
        var inputs = Assembly.complete(all -> {
            for (var input : first.inputs()) {
                all.add(input(input, batch, rows));
            }
            for (var control : controls) {
                all.add(control.of(steps(batch, rows)));
            }
            for (var state : states) {
                all.add(state(state, batch, rows));
            }
        });
        return Assembly.request(first, inputs, outputs(batch), parameters(first.parameters()));
    }

    /** Where a batch may have several rows, only the controls say which is whose. */
    private RequestParameters parameters(RequestParameters first) {
        return manyRows
                ? new RequestParameters(Optional.empty(), first.priority(), first.timeoutMicros(), first.others())
                : first;
    }

    /** For each row the place of its request among the members; −1 for none. */
    private int[] rows(Batch batch) {
        int count = batch.members().size();
        if (!rowsAreSlots) {
            int[] rows = new int[count];
            Arrays.setAll(rows, row -> row);
            return rows;
        }
        int last = batch.sequences().stream().mapToInt(Sequence::slot).max().orElseThrow();
        int[] rows = new int[last + 1];
        Arrays.fill(rows, -1);
        for (int i = 0; i < count; i++) {
            rows[batch.sequences().get(i).slot()] = i;
        }
        return rows;
    }

    private static List<@Nullable SequenceStep> steps(Batch batch, int[] rows) {
        var steps = new ArrayList<@Nullable SequenceStep>(rows.length);
        for (int member : rows) {
            steps.add(member < 0 ? null : Sequence.step(batch.members().get(member)));
        }
        return steps;
    }

    private Tensor input(Tensor first, Batch batch, int[] rows) {
        var shape = plain.reshape()
                .input(first.name(), plain.batched() ? first.shape().withBatch(rows.length) : first.shape());
        if (rows.length == 1) {
            return new Tensor(first.name(), first.type(), shape, first.data().retainedSlice());
        }
        int size = first.data().readableBytes();
        int empty = first.type().isFixedSize() ? size : (int) first.shape().elementCount() * Integer.BYTES;
        var data = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, size * rows.length));
        for (int member : rows) {
            if (member < 0) {
                data.writeZero(empty);
            } else {
                var part = Objects.requireNonNull(
                                Compatibility.find(batch.members().get(member).request(), first.name()))
                        .data();
                data.writeBytes(part, part.readerIndex(), part.readableBytes());
            }
        }
        return new Tensor(first.name(), first.type(), shape, data);
    }

    private Tensor state(SequenceState state, Batch batch, int[] rows) {
        if (rows.length == 1) {
            var kept = kept(state, batch, rows[0]);
            if (kept != null) {
                return new Tensor(
                        state.input(),
                        state.type(),
                        plain.batched() ? kept.shape().batchedBy(1) : kept.shape(),
                        kept.data().retainedSlice());
            }
        }
        var data = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, state.initial().length * rows.length));
        for (int member : rows) {
            var kept = member < 0 ? null : kept(state, batch, member);
            if (kept == null) {
                state.begin(data);
            } else {
                data.writeBytes(
                        kept.data(), kept.data().readerIndex(), kept.data().readableBytes());
            }
        }
        return new Tensor(
                state.input(),
                state.type(),
                plain.batched() ? state.shape().batchedBy(rows.length) : state.shape(),
                data);
    }

    private static @Nullable Tensor kept(SequenceState state, Batch batch, int member) {
        return Sequence.step(batch.members().get(member)).start()
                ? null
                : batch.sequences().get(member).state(state.input());
    }

    private List<String> outputs(Batch batch) {
        var wanted = new ArrayList<>(BatchTensors.outputs(batch.members()));
        if (!wanted.isEmpty()) {
            for (var state : states) {
                if (!wanted.contains(state.output())) {
                    wanted.add(state.output());
                }
            }
        }
        return wanted;
    }

    @Override
    public List<List<Tensor>> split(List<Tensor> outputs, Batch batch) {
        var rows = rows(batch);
        var answers = new ArrayList<List<Tensor>>();
        batch.members().forEach(_ -> answers.add(new ArrayList<>(outputs.size())));
        boolean done = false;
        try {
            for (var output : outputs) {
                divide(output, batch, rows, answers);
            }
            done = true;
            return answers;
        } finally {
            outputs.forEach(Tensor::release);
            if (!done) {
                answers.forEach(answer -> answer.forEach(Tensor::release));
            }
        }
    }

    private void divide(Tensor output, Batch batch, int[] rows, List<List<Tensor>> answers) {
        if (plain.batched()) {
            BatchTensors.checkBatch(output, rows.length);
        }
        int begin = 0;
        for (int member : rows) {
            int length = BatchTensors.length(output, begin, 1, rows.length);
            if (member >= 0) {
                var data = output.data().slice(output.data().readerIndex() + begin, length);
                for (var state : states) {
                    if (state.output().equals(output.name())) {
                        var shape = plain.batched() ? output.shape().withoutBatch() : output.shape();
                        keep(
                                batch,
                                member,
                                state,
                                new Tensor(state.input(), state.type(), shape, data.retainedSlice()));
                    }
                }
                var wanted = batch.members().get(member).request().outputs();
                if (wanted.isEmpty() ? shown.contains(output.name()) : wanted.contains(output.name())) {
                    answers.get(member)
                            .add(new Tensor(output.name(), output.type(), shape(output), data.retainedSlice()));
                }
            }
            begin += length;
        }
    }

    private static void keep(Batch batch, int member, SequenceState state, Tensor tensor) {
        if (Sequence.step(batch.members().get(member)).end()) {
            tensor.release();
        } else {
            batch.sequences().get(member).keep(state.input(), tensor);
        }
    }

    private Shape shape(Tensor output) {
        return plain.reshape()
                .output(output.name(), plain.batched() ? output.shape().withBatch(1) : output.shape());
    }
}
