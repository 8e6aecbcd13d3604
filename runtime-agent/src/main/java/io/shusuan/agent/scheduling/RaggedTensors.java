package io.shusuan.agent.scheduling;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.backend.InputMemory;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelInput;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Batches whose requests have inputs of different lengths. A ragged input is all its elements one behind the other, without a batch
 * dimension; what a model must know of the lengths is added as batch inputs, and an output that is just as ragged is divided by them.
 */
record RaggedTensors(
        BatchTensors plain, Set<String> ragged, List<BatchInputTensor> made, Map<String, ScatteredOutput> scattered)
        implements Assembly {

    static boolean isAskedForBy(ModelConfig config) {
        return config.getBatchInputCount() > 0
                || config.getBatchOutputCount() > 0
                || config.getInputList().stream().anyMatch(ModelInput::getAllowRaggedBatch);
    }

    static RaggedTensors of(ModelConfig config, BatchTensors plain) {
        var made = new ArrayList<BatchInputTensor>();
        config.getBatchInputList().forEach(input -> made.addAll(BatchInputTensor.of(input)));
        var scattered = new HashMap<String, ScatteredOutput>();
        config.getBatchOutputList()
                .forEach(output -> output.getTargetNameList()
                        .forEach(target -> scattered.put(target, ScatteredOutput.of(config, output, target))));
        return new RaggedTensors(plain, inputs(config), List.copyOf(made), Map.copyOf(scattered));
    }

    /** The inputs that may differ in shape within a batch. */
    static Set<String> inputs(ModelConfig config) {
        var names = new HashSet<String>();
        config.getInputList().stream()
                .filter(ModelInput::getAllowRaggedBatch)
                .forEach(input -> names.add(input.getName()));
        return Set.copyOf(names);
    }

    @Override
    public boolean leavesOneAsItIs() {
        return false;
    }

    @Override
    public InferenceRequest gather(Batch batch, InputMemory memory) {
        var members = batch.members();
        var first = members.getFirst().request();
        var inputs = Assembly.complete(all -> {
            for (var input : first.inputs()) {
                all.add(
                        ragged.contains(input.name())
                                ? together(input, members, memory)
                                : plain.gather(input, members, batch.size(), memory));
            }
            for (var each : made) {
                all.add(each.of(members));
            }
        });
        return Assembly.request(first, inputs, BatchTensors.outputs(members), first.parameters());
    }

    private static Tensor together(Tensor first, List<Waiting> members, InputMemory memory) {
        if (members.size() == 1) {
            return new Tensor(
                    first.name(),
                    first.type(),
                    Shape.of(first.shape().elementCount()),
                    first.data().retainedSlice());
        }
        var parts = new ArrayList<ByteBuf>(members.size());
        long bytes = 0;
        long elements = 0;
        for (var member : members) {
            var part = Compatibility.find(member.request(), first.name());
            if (part != null) {
                parts.add(part.data());
                bytes += part.data().readableBytes();
                elements += part.shape().elementCount();
            }
        }
        var data = memory.of(first.name(), Math.toIntExact(bytes));
        for (var part : parts) {
            data.writeBytes(part, part.readerIndex(), part.readableBytes());
        }
        return new Tensor(first.name(), first.type(), Shape.of(elements), data);
    }

    @Override
    public List<List<Tensor>> split(List<Tensor> outputs, Batch batch) {
        var answers = new ArrayList<List<Tensor>>();
        batch.members().forEach(_ -> answers.add(new ArrayList<>(outputs.size())));
        boolean done = false;
        try {
            for (var output : outputs) {
                divide(output, batch, answers);
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

    private void divide(Tensor output, Batch batch, List<List<Tensor>> answers) {
        var rule = scattered.get(output.name());
        if (rule == null) {
            BatchTensors.checkBatch(output, batch.size());
        } else {
            rule.check(output, batch.members());
        }
        int begin = 0;
        for (int i = 0; i < answers.size(); i++) {
            var member = batch.members().get(i);
            var shape = rule == null ? output.shape().withBatch(member.batchSize()) : rule.shape(member);
            int length = rule == null
                    ? BatchTensors.length(output, begin, member.batchSize(), batch.size())
                    : Math.toIntExact(Tensor.byteSize(output.type(), shape));
            var wanted = member.request().outputs();
            if (wanted.isEmpty() || wanted.contains(output.name())) {
                answers.get(i)
                        .add(new Tensor(
                                output.name(),
                                output.type(),
                                rule == null ? plain.reshape().output(output.name(), shape) : shape,
                                output.data().retainedSlice(output.data().readerIndex() + begin, length)));
            }
            begin += length;
        }
    }
}
