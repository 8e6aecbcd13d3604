package io.shusuan.agent.scheduling;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.config.proto.BatchInput;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.util.ArrayList;
import java.util.List;

/** An input that the server makes of the shapes of another one, for a model that must know what of a batch belongs to whom. */
record BatchInputTensor(String target, BatchInput.Kind kind, DataType type, String source) {
    static List<BatchInputTensor> of(BatchInput input) {
        return input.getTargetNameList().stream()
                .map(target -> new BatchInputTensor(
                        target,
                        input.getKind(),
                        DataType.named(input.getDataType().name()).orElseThrow(),
                        input.getSourceInput(0)))
                .toList();
    }

    Tensor of(List<Waiting> members) {
        return switch (kind) {
            case BATCH_ELEMENT_COUNT -> vector(counts(members));
            case BATCH_ACCUMULATED_ELEMENT_COUNT -> vector(sums(members, false));
            case BATCH_ACCUMULATED_ELEMENT_COUNT_WITH_ZERO -> vector(sums(members, true));
            case BATCH_MAX_ELEMENT_COUNT_AS_SHAPE -> sized(largest(members));
            case BATCH_ITEM_SHAPE -> {
                var shapes = itemShapes(members);
                long rank = shape(members.getFirst()).rank() - 1L;
                yield tensor(shapes, Shape.of(rank == 0 ? 0 : shapes.size() / rank, rank));
            }
            case BATCH_ITEM_SHAPE_FLATTEN -> vector(itemShapes(members));
            case UNRECOGNIZED -> throw new IllegalStateException("an unknown kind of batch_input was not refused");
        };
    }

    private Shape shape(Waiting member) {
        var input = Compatibility.find(member.request(), source);
        return input == null ? Shape.of(0) : input.shape();
    }

    private List<Long> counts(List<Waiting> members) {
        return members.stream().map(member -> shape(member).elementCount()).toList();
    }

    private List<Long> sums(List<Waiting> members, boolean withZero) {
        var sums = new ArrayList<Long>();
        if (withZero) {
            sums.add(0L);
        }
        long sum = 0;
        for (long count : counts(members)) {
            sum += count;
            sums.add(sum);
        }
        return sums;
    }

    private long largest(List<Waiting> members) {
        return counts(members).stream().mapToLong(Long::longValue).max().orElse(0);
    }

    /** The dimensions of each item of each request. */
    private List<Long> itemShapes(List<Waiting> members) {
        var dims = new ArrayList<Long>();
        for (var member : members) {
            var shape = shape(member);
            for (long item = 0; item < member.batchSize(); item++) {
                for (int i = 1; i < shape.rank(); i++) {
                    dims.add(shape.dim(i));
                }
            }
        }
        return dims;
    }

    private Tensor vector(List<Long> values) {
        return tensor(values, Shape.of(values.size()));
    }

    private Tensor tensor(List<Long> values, Shape shape) {
        var data = buffer(values.size());
        for (long value : values) {
            if (type == DataType.FP32) {
                data.writeFloatLE((float) value);
            } else {
                data.writeIntLE(Math.toIntExact(value));
            }
        }
        return new Tensor(target, type, shape, data);
    }

    /** Only its shape says something. */
    private Tensor sized(long elements) {
        int size = Math.toIntExact(elements);
        return new Tensor(target, type, Shape.of(elements), buffer(size).writeZero(size * Integer.BYTES));
    }

    private static ByteBuf buffer(int elements) {
        return ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, elements * Integer.BYTES));
    }
}
