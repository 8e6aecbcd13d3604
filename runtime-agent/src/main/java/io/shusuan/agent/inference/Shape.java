package io.shusuan.agent.inference;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** The dimensions of a tensor, outermost first; −1 stands for a dimension that may vary. */
public final class Shape {
    private final long[] dims;

    private Shape(long[] dims) {
        this.dims = dims;
    }

    public static Shape of(long... dims) {
        return new Shape(dims.clone());
    }

    public static Shape of(List<Long> dims) {
        return new Shape(dims.stream().mapToLong(Long::longValue).toArray());
    }

    /** The same dimensions behind a batch dimension of the given size. */
    public Shape batchedBy(long size) {
        return new Shape(
                LongStream.concat(LongStream.of(size), Arrays.stream(dims)).toArray());
    }

    /** The same dimensions but for the first one, the batch. */
    public Shape withBatch(long size) {
        long[] changed = dims.clone();
        changed[0] = size;
        return new Shape(changed);
    }

    /** The dimensions without the first one. */
    public Shape withoutBatch() {
        return new Shape(Arrays.copyOfRange(dims, 1, dims.length));
    }

    public int rank() {
        return dims.length;
    }

    public long dim(int index) {
        return dims[index];
    }

    public long[] toArray() {
        return dims.clone();
    }

    public boolean isFixed() {
        return Arrays.stream(dims).noneMatch(dim -> dim < 0);
    }

    public boolean isFixedButForBatch() {
        return Arrays.stream(dims).skip(1).noneMatch(dim -> dim < 0);
    }

    public boolean equalsButForBatch(Shape other) {
        return dims.length == other.dims.length && Arrays.equals(dims, 1, dims.length, other.dims, 1, dims.length);
    }

    /** How many elements a tensor of this shape has. */
    public long elementCount() {
        long count = 1;
        try {
            for (long dim : dims) {
                count = Math.multiplyExact(count, dim);
            }
        } catch (ArithmeticException overflow) {
            throw ServingException.invalid("shape " + this + " has more elements than a tensor can hold");
        }
        return count;
    }

    /** Whether a tensor of the given shape may stand where this one, with its −1s, is declared. */
    public boolean accepts(Shape actual) {
        if (actual.dims.length != dims.length) {
            return false;
        }
        for (int i = 0; i < dims.length; i++) {
            if (dims[i] >= 0 && dims[i] != actual.dims[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** As the protocol's messages write it: {@code [-1,16]}. */
    @Override
    public String toString() {
        return Arrays.stream(dims).mapToObj(Long::toString).collect(Collectors.joining(",", "[", "]"));
    }
}
