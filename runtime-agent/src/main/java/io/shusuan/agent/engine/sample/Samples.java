package io.shusuan.agent.engine.sample;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.session.TensorType;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;

/**
 * A file of samples, as {@code numpy.savez} writes it: an array for each input of the model, by its name, whose first axis counts the
 * samples, and {@code labels} where the right answers are known. An input that has no such axis (a number, sizes, a state) is given whole
 * for each sample, in an array with one axis more.
 */
public final class Samples {
    private static final String LABELS = "labels";
    private static final long LARGEST = 1L << 30;

    private final String name;
    private final Map<String, NpyArray> arrays;

    private Samples(String name, Map<String, NpyArray> arrays) {
        this.name = name;
        this.arrays = arrays;
    }

    /**
     * Random numbers, always the same, where there are no real samples: enough to see whether two engines compute alike from the same
     * graph, and nothing to calibrate with.
     *
     * @param rows the shape of a row of each input, without the axis that counts the samples
     * @param sizes the values of inputs that shapes are made of, for which numbers cannot be made up
     */
    public static Samples madeUp(
            List<TensorType> inputs, Map<String, long[]> rows, Map<String, long[]> sizes, int count)
            throws EngineException {
        var arrays = new LinkedHashMap<String, NpyArray>();
        for (var input : inputs) {
            var values = sizes.get(input.name());
            arrays.put(
                    input.name(),
                    values == null
                            ? RandomArray.of(input, rows.getOrDefault(input.name(), new long[0]), count)
                            : RandomArray.repeated(input, values, count));
        }
        return new Samples("(random)", arrays);
    }

    public static Samples read(Path file) throws EngineException {
        if (!Files.isRegularFile(file)) {
            throw new EngineException(Fault.SAMPLES_UNREADABLE, "there is no file of samples at " + file);
        }
        var arrays = new LinkedHashMap<String, NpyArray>();
        long room = LARGEST;
        try (var zip = new ZipInputStream(Files.newInputStream(file))) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                var name = entry.getName().replaceFirst("\\.npy$", "");
                var array = NpyArray.read(name, zip, room);
                room -= array.data().capacity();
                arrays.put(name, array);
            }
        } catch (ZipException | EOFException broken) {
            throw new EngineException(Fault.SAMPLES_UNREADABLE, file + " is damaged: " + broken.getMessage(), broken);
        } catch (IOException unreadable) {
            throw new EngineException(Fault.SAMPLES_UNREADABLE, "cannot read " + file + ": " + unreadable, unreadable);
        }
        if (arrays.isEmpty()) {
            throw new EngineException(
                    Fault.SAMPLES_UNREADABLE,
                    file + " holds no arrays: write it with numpy.savez(file, INPUT=array, labels=array)");
        }
        return new Samples(file.toString(), arrays);
    }

    /**
     * The samples in portions that a model with these inputs takes.
     *
     * @param batch samples in a portion, where the model leaves it open
     */
    public Batches batches(List<TensorType> inputs, int batch) throws EngineException {
        var matched = new ArrayList<InputArray>();
        for (var input : inputs) {
            matched.add(InputArray.match(input, find(input, inputs)));
        }
        var names = inputs.stream().map(TensorType::name).toList();
        for (var name : arrays.keySet()) {
            if (!names.contains(name) && !name.equals(LABELS)) {
                throw mismatch("array '" + name + "' is no input of the model, which has " + names);
            }
        }
        long count = matched.isEmpty() ? 0 : matched.getFirst().count();
        for (var input : matched) {
            if (input.count() != count) {
                throw mismatch("the arrays have different numbers of samples: "
                        + matched.stream()
                                .map(one -> one.name() + " " + one.count())
                                .collect(Collectors.joining(", ")));
            }
        }
        if (count == 0) {
            throw mismatch("there is not one sample in it");
        }
        return new Batches(matched, (int) count, step(matched, batch, count), labels(names, count));
    }

    private NpyArray find(TensorType input, List<TensorType> inputs) throws EngineException {
        var array = arrays.get(input.name());
        if (array == null) {
            throw mismatch("there is no array '" + input.name() + "'; the model's inputs are " + inputs
                    + " and the arrays are " + arrays.keySet());
        }
        return array;
    }

    /** How many samples go into a run: what the model fixes, or as many as asked; one where some input is given whole. */
    private int step(List<InputArray> inputs, int batch, long count) throws EngineException {
        if (inputs.stream().anyMatch(InputArray::whole)) {
            for (var input : inputs) {
                if (input.fixedRows() > 1) {
                    throw mismatch("input '" + input.name() + "' takes " + input.fixedRows()
                            + " samples at a time, and another is given whole for each: give this one whole, too");
                }
            }
            return 1;
        }
        for (var input : inputs) {
            long fixed = input.fixedRows();
            if (fixed > 0) {
                if (count % fixed != 0) {
                    throw mismatch("the model takes " + fixed + " at a time, and there are " + count
                            + " samples: give a multiple");
                }
                return (int) fixed;
            }
        }
        return (int) Math.min(batch, count);
    }

    private Optional<int[]> labels(List<String> inputs, long count) throws EngineException {
        var array = arrays.get(LABELS);
        if (array == null || inputs.contains(LABELS)) {
            return Optional.empty();
        }
        if (array.shape().length != 1 || array.shape()[0] != count) {
            throw mismatch("labels have the shape " + Arrays.toString(array.shape()) + " where there are " + count
                    + " samples: give one number for each");
        }
        return Optional.of(Labels.of(array));
    }

    private EngineException mismatch(String why) {
        return new EngineException(Fault.SAMPLES_MISMATCH, "samples " + name + " do not fit the model: " + why);
    }
}
