package io.shusuan.agent.scheduling;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.backend.InputMemory;
import io.shusuan.agent.inference.CopiedBytes;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * The tensors of several requests as those of one, and back. Inputs are copied once, side by side into memory the engine can use as it
 * is; an output is cut into slices that share its buffer.
 */
record BatchTensors(Reshape reshape, boolean batched) implements Assembly {
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
                outputs.forEach(output -> checkBatch(output, size));
            }
            int[] begins = new int[outputs.size()];
            for (var member : members) {
                var wanted = member.request().outputs();
                var answer = new ArrayList<Tensor>(outputs.size());
                for (int i = 0; i < begins.length; i++) {
                    var output = outputs.get(i);
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
