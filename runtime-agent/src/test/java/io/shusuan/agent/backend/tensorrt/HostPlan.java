package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.engine.build.ShapeRange;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A plan of the test's own engine, as text:
 *
 * <pre>
 * HOST PLAN 1 sm_90
 * add
 * input A FP32 -1,4 1,4/2,4/8,4
 * output SUM FP32 -1,4
 * end
 * </pre>
 *
 * {@code memory 4096 1024} in a line of its own says what its weights and a context take, and {@code weights} stands before them; {@code plugin NAME} asks for a plugin, {@code streamable 1024} says how much of its weights may be streamed. An input names what each of its profiles takes: min/opt/max; {@code sizes} stands for a shape tensor that is an input, with ranges of values, {@code told} for one that is an output. What is wrong with a plan is said in TensorRT's words.
 */
record HostPlan(String operation, long weights, long streamable, long activations, List<Binding> tensors) {
    private static final String MEMORY = "memory ";
    private static final String STREAMABLE = "streamable ";
    private static final String PLUGIN = "plugin ";
    private static final Set<String> TENSORS = Set.of("input", "output", "sizes", "told");

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** @param plugins those that are registered */
    static HostPlan parse(String text, Set<String> plugins) {
        var lines = text.lines().toList();
        if (lines.isEmpty() || !lines.getFirst().startsWith("HOST PLAN ")) {
            throw refused("IRuntime::deserializeCudaEngine: Error Code 1: Serialization (Serialization assertion "
                    + "magicTagRead == kMAGIC_TAG failed.Magic tag does not match)");
        }
        var head = lines.getFirst().split(" ", -1);
        if (!head[2].equals("1")) {
            throw refused(
                    "Version tag does not match. Note: Current Version: 1, Serialized Engine Version: " + head[2]);
        }
        if (!head[3].equals("sm_90")) {
            throw refused(
                    "The engine plan file is generated on an incompatible device, expecting compute 9.0 got compute "
                            + head[3] + ", please rebuild.");
        }
        if (!lines.getLast().equals("end")) {
            throw refused("Serialization assertion sizeRead <= size failed: the plan is truncated");
        }
        var body = lines.subList(2, lines.size() - 1);
        body.stream()
                .filter(line -> line.startsWith(PLUGIN))
                .map(line -> line.substring(PLUGIN.length()))
                .filter(name -> !plugins.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw refused(
                            "IPluginRegistry::getCreator: Error Code 4: API Usage Error (Cannot find plugin: " + name
                                    + ", version: 1, namespace:.) Serialization assertion creator failed.Cannot deserialize plugin "
                                    + "since corresponding IPluginCreator not found in Plugin Registry");
                });
        var memory = body.stream()
                .filter(line -> line.startsWith(MEMORY))
                .findFirst()
                .orElse("memory 0 256")
                .split(" ", -1);
        var tensors = body.stream()
                .filter(line -> TENSORS.contains(line.substring(0, Math.max(0, line.indexOf(' ')))))
                .map(HostPlan::tensor)
                .toList();
        return new HostPlan(
                lines.get(1), Long.parseLong(memory[1]), streamable(body), Long.parseLong(memory[2]), tensors);
    }

    private static long streamable(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith(STREAMABLE))
                .mapToLong(line -> Long.parseLong(line.substring(STREAMABLE.length())))
                .sum();
    }

    private static NativeException refused(String log) {
        return NativeException.tensorRt("IRuntime::deserializeCudaEngine", log);
    }

    private static Binding tensor(String line) {
        var words = line.split(" ", -1);
        var ranges = new ArrayList<ShapeRange>();
        for (int i = 4; i < words.length; i++) {
            var shapes =
                    Arrays.stream(words[i].split("/", -1)).map(HostPlan::shape).toList();
            ranges.add(new ShapeRange(shapes.get(0), shapes.get(1), shapes.get(2)));
        }
        return new Binding(
                words[1],
                words[0].equals("input") || words[0].equals("sizes"),
                DataType.named(words[2]),
                words[2],
                true,
                words[0].equals("sizes") || words[0].equals("told"),
                shape(words[3]),
                ranges);
    }

    private static Shape shape(String text) {
        return Shape.of(
                Arrays.stream(text.split(",", -1)).mapToLong(Long::parseLong).toArray());
    }

    List<Binding> inputs() {
        return tensors.stream().filter(Binding::input).toList();
    }

    List<Binding> outputs() {
        return tensors.stream().filter(tensor -> !tensor.input()).toList();
    }

    Optional<Binding> named(String name) {
        return tensors.stream().filter(tensor -> tensor.name().equals(name)).findFirst();
    }
}
