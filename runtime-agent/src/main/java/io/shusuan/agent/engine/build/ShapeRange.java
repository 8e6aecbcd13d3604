package io.shusuan.agent.engine.build;

import io.shusuan.agent.inference.Shape;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * The shapes that one optimisation profile takes for one input, and the one it is made fastest for. Of a shape tensor it is the values, as
 * {@code trtexec} has it, too.
 */
public record ShapeRange(Shape min, Shape opt, Shape max) {
    private static final Pattern TEXT = Pattern.compile("\\d{1,18}(x\\d{1,18})*(:\\d{1,18}(x\\d{1,18})*){0,2}");

    public ShapeRange {
        for (int i = 0; i < min.rank(); i++) {
            boolean ordered = min.rank() == opt.rank()
                    && min.rank() == max.rank()
                    && min.dim(i) <= opt.dim(i)
                    && opt.dim(i) <= max.dim(i);
            if (!ordered) {
                throw new IllegalArgumentException("the shapes " + min + ", " + opt + " and " + max
                        + " are no smallest, usual and largest one: no dimension may shrink on the way");
            }
        }
    }

    /** Reads {@code 1x3x224x224:8x3x224x224:32x3x224x224}, the smallest, the usual and the largest, or one shape for all three. */
    static ShapeRange parse(String text) {
        if (!TEXT.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text
                    + "' is no range of shapes: write MIN:OPT:MAX as in 1x3x224x224:8x3x224x224:32x3x224x224");
        }
        var shapes = Arrays.stream(text.split(":", -1)).map(ShapeRange::shape).toList();
        return switch (shapes.size()) {
            case 1 -> new ShapeRange(shapes.getFirst(), shapes.getFirst(), shapes.getFirst());
            case 2 -> new ShapeRange(shapes.getFirst(), shapes.getLast(), shapes.getLast());
            default -> new ShapeRange(shapes.get(0), shapes.get(1), shapes.get(2));
        };
    }

    private static Shape shape(String text) {
        return Shape.of(
                Arrays.stream(text.split("x", -1)).mapToLong(Long::parseLong).toArray());
    }

    public boolean takes(Shape shape) {
        if (shape.rank() != min.rank()) {
            return false;
        }
        for (int i = 0; i < shape.rank(); i++) {
            if (shape.dim(i) < min.dim(i) || shape.dim(i) > max.dim(i)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return min.equals(max) ? min.toString() : min + " to " + max;
    }
}
