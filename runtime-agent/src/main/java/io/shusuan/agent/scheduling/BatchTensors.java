package io.shusuan.agent.scheduling;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.backend.InputMemory;
import io.shusuan.agent.config.ShapeTensorRules;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.inference.CopiedBytes;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.ShapeTensor;
import io.shusuan.agent.inference.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The tensors of several requests as those of one, and back. Inputs are copied once, side by side into memory the engine can use as it
 * is; an output is cut into slices that share its buffer. Of shape tensors, which all requests of a batch have alike, there is one, whose
 * first value is the whole batch; of those among the outputs each request gets all, with its own batch in the first place.
 *
 * @param shapeTensors among inputs and outputs, where batches are made
 */
record BatchTensors(Reshape reshape, boolean batched, Set<String> shapeTensors) implements Assembly {
    static BatchTensors of(ModelConfig config) {
        boolean batched = config.getMaxBatchSize() > 0;
        return new BatchTensors(Reshape.of(config), batched, batched ? ShapeTensorRules.names(config) : Set.of());
    }

    @Override
    public boolean leavesOneAsItIs() {
        return reshape.isNone();
    }

    @Override
    public InferenceRequest gather(Batch batch, InputMemory memory) {
        var members = batch.members();
        long size = batch.size();
        var first = members.getFirst().request();
        var inputs = Assembly.complete(all -> {
            for (var input : first.inputs()) {
                all.add(gather(input, members, size, memory));
            }
        });
        return Assembly.request(first, inputs, outputs(members), first.parameters());
    }

    Tensor gather(Tensor first, List<Waiting> members, long size, InputMemory memory) {
        if (shapeTensors.contains(first.name())) {
            return ShapeTensor.withBatch(
                    first, size, memory.of(first.name(), first.data().readableBytes()));
        }
        var shape = reshape.input(first.name(), batched ? first.shape().withBatch(size) : first.shape());
        if (members.size() == 1) {
            return new Tensor(first.name(), first.type(), shape, first.data().retainedSlice());
        }
        var parts = new ArrayList<ByteBuf>(members.size());
        long bytes = 0;
        for (var member : members) {
            var part = Compatibility.find(member.request(), first.name());
            if (part != null) {
                parts.add(part.data());
                bytes += part.data().readableBytes();
            }
        }
        if (bytes > Integer.MAX_VALUE - 8) {
            throw ServingException.invalid("a batch of " + size + " needs more than 2 GiB for input '" + first.name()
                    + "': lower max_batch_size");
        }
        var together = memory.of(first.name(), (int) bytes);
        for (var part : parts) {
            together.writeBytes(part, part.readerIndex(), part.readableBytes());
        }
        CopiedBytes.add(bytes);
        return new Tensor(first.name(), first.type(), shape, together);
    }

    /** All outputs that somebody wants; none named when somebody wants all. */
    static List<String> outputs(List<Waiting> members) {
        var wanted = new LinkedHashSet<String>();
        for (var member : members) {
            if (member.request().outputs().isEmpty()) {
                return List.of();
            }
            wanted.addAll(member.request().outputs());
        }
        return List.copyOf(wanted);
    }

    @Override
    public List<List<Tensor>> split(List<Tensor> outputs, Batch batch) {
        var members = batch.members();
        long size = batch.size();
        var answers = new ArrayList<List<Tensor>>(members.size());
        try {
            if (batched) {
                outputs.forEach(output -> check(output, size));
            }
            int[] begins = new int[outputs.size()];
            for (var member : members) {
                var wanted = member.request().outputs();
                var answer = new ArrayList<Tensor>(outputs.size());
                for (int i = 0; i < begins.length; i++) {
                    var output = outputs.get(i);
                    if (shapeTensors.contains(output.name())) {
                        if (wanted.isEmpty() || wanted.contains(output.name())) {
                            answer.add(ShapeTensor.withBatch(
                                    output,
                                    member.batchSize(),
                                    ByteBufAllocator.DEFAULT.directBuffer(
                                            output.data().readableBytes())));
                        }
                        continue;
                    }
                    int length = length(output, begins[i], member.batchSize(), size);
                    if (wanted.isEmpty() || wanted.contains(output.name())) {
                        answer.add(new Tensor(
                                output.name(),
                                output.type(),
                                shape(output, member.batchSize()),
                                output.data().retainedSlice(output.data().readerIndex() + begins[i], length)));
                    }
                    begins[i] += length;
                }
                answers.add(answer);
            }
            return answers;
        } finally {
            outputs.forEach(Tensor::release);
        }
    }

    private Shape shape(Tensor output, long items) {
        return reshape.output(output.name(), batched ? output.shape().withBatch(items) : output.shape());
    }

    private void check(Tensor output, long size) {
        if (!shapeTensors.contains(output.name())) {
            checkBatch(output, size);
        } else if (ShapeTensor.batch(output) != size) {
            throw new ServingException(
                    Reason.BACKEND,
                    "the model answered a batch of " + size + " with the values " + ShapeTensor.values(output)
                            + " for the shape tensor '" + output.name() + "', the first of which must be the batch");
        }
    }

    static void checkBatch(Tensor output, long size) {
        if (output.shape().rank() == 0 || output.shape().dim(0) != size) {
            throw new ServingException(
                    Reason.BACKEND,
                    "the model answered a batch of " + size + " with the shape " + output.shape() + " for output '"
                            + output.name()
                            + "', which cannot be divided among its requests: set max_batch_size to 0 or take dynamic_batching out");
        }
    }

    /** The bytes of some items of a batched output that begin at an offset. */
    static int length(Tensor output, int begin, long items, long size) {
        if (output.type().isFixedSize()) {
            return (int) (output.data().readableBytes() / size * items);
        }
        long elements = output.shape().elementCount() / size * items;
        int start = output.data().readerIndex() + begin;
        int at = start;
        for (long element = 0; element < elements; element++) {
            at += 4 + output.data().getIntLE(at);
        }
        return at - start;
    }
}
