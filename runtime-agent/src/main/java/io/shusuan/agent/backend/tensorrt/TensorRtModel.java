package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.GpuMemory;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.backend.NativeHandle;
import io.shusuan.agent.backend.Signature;
import io.shusuan.agent.backend.Signature.TensorSpec;
import io.shusuan.agent.backend.gpu.Gpus;
import io.shusuan.agent.backend.gpu.MemoryBudget;
import io.shusuan.agent.inference.ShapeTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** A plan that was read: one engine on each GPU where instances of it run. */
final class TensorRtModel implements BackendModel {
    private final NativeCalls calls;
    private final Gpus gpus;
    private final Placement placement;
    private final String name;
    private final Map<Integer, Loaded> engines;
    private final List<Binding> bindings;
    private final Signature signature;
    private final GraphShapes graphs;

    private TensorRtModel(
            NativeCalls calls,
            Gpus gpus,
            Placement placement,
            String name,
            Map<Integer, Loaded> engines,
            List<Binding> bindings,
            Signature signature,
            GraphShapes graphs) {
        this.calls = calls;
        this.gpus = gpus;
        this.placement = placement;
        this.name = name;
        this.engines = Map.copyOf(engines);
        this.bindings = bindings;
        this.signature = signature;
        this.graphs = graphs;
    }

    /** An engine on one GPU, with its share of the memory there. */
    private record Loaded(NativeHandle engine, MemoryBudget.Share share) implements AutoCloseable {
        /** The share is given back with the engine, after the last instance. */
        @Override
        public void close() {
            engine.close();
        }
    }

    static TensorRtModel open(NativeCalls calls, Gpus gpus, Path file, Placement placement, ModelSource source)
            throws LoadException {
        var graphs = GraphShapes.of(source.config());
        var budget = ServingParameters.of(source.config()).weights();
        var engines = new HashMap<Integer, Loaded>();
        boolean opened = false;
        try {
            for (int gpu : placement.gpus()) {
                if (!engines.containsKey(gpu)) {
                    engines.put(gpu, engine(calls, gpus, gpu, file, placement.hostCode(), budget, source));
                }
            }
            var first = Objects.requireNonNull(engines.get(placement.gpus().getFirst()));
            var bindings = calls.bindings(first.engine().address());
            var signature = signature(bindings, source);
            checkGraphs(graphs, bindings, source);
            for (var engine : engines.entrySet()) {
                calls.useGpu(engine.getKey());
                new EngineMemory(
                                calls,
                                engine.getValue().engine().address(),
                                bindings,
                                placement.instances(engine.getKey()))
                        .take(engine.getValue().share(), budget, source.model());
            }
            var model = new TensorRtModel(calls, gpus, placement, source.model(), engines, bindings, signature, graphs);
            opened = true;
            return model;
        } catch (NativeException failed) {
            throw new LoadException("TensorRT cannot load '" + source.model() + "': " + failed.text(), failed);
        } finally {
            if (!opened) {
                engines.values().forEach(Loaded::close);
            }
        }
    }

    private static Loaded engine(
            NativeCalls calls,
            Gpus gpus,
            int gpu,
            Path file,
            boolean hostCode,
            Optional<WeightBudget> budget,
            ModelSource source)
            throws LoadException {
        var what = file.getFileName() + " of '" + source.model() + "' version " + source.version();
        var lost = gpus.lost(gpu);
        if (lost.isPresent()) {
            throw new LoadException("TensorRT cannot load " + what + ": " + lost.get());
        }
        try (var channel = FileChannel.open(file);
                var memory = Arena.ofConfined()) {
            calls.useGpu(gpu);
            var share = gpus.memory()
                    .take(
                            gpu,
                            "'" + source.model() + "' version " + source.version(),
                            EngineUse.ofWeights(
                                    budget.isEmpty()
                                            ? channel.size()
                                            : budget.get().ofPlan(channel.size())),
                            calls.memory());
            boolean read = false;
            try {
                var plan = channel.map(MapMode.READ_ONLY, 0, channel.size(), memory);
                var engine = NativeHandle.adopt(
                        "the engine of '" + source.model() + "'", calls.deserialize(plan, hostCode), address -> {
                            use(calls, gpus, gpu);
                            calls.destroyEngine(address);
                            share.close();
                        });
                read = true;
                return new Loaded(engine, share);
            } finally {
                if (!read) {
                    share.close();
                }
            }
        } catch (NativeException refused) {
            gpus.failed(gpu, refused);
            var fault = PlanFault.of(refused.said());
            throw new LoadException(
                    "TensorRT cannot load " + what + ": " + fault.sentence() + refused.text()
                            + (fault == PlanFault.NO_MEMORY
                                    ? " (on GPU " + gpu + " " + gpus.memory().holders(gpu) + ")"
                                    : ""),
                    refused);
        } catch (IOException unreadable) {
            throw new LoadException(what + " cannot be read: " + unreadable, unreadable);
        }
    }

    /** For what is freed: also what a lost GPU was given. */
    private static void use(NativeCalls calls, Gpus gpus, int gpu) {
        try {
            calls.useGpu(gpu);
        } catch (NativeException failed) {
            gpus.failed(gpu, failed);
        }
    }

    private static Signature signature(List<Binding> bindings, ModelSource source) throws LoadException {
        for (var binding : bindings) {
            var what = (binding.input() ? "input '" : "output '") + binding.name() + "' of '" + source.model() + "' ";
            if (binding.type().isEmpty()) {
                throw new LoadException(what + "has the type " + binding.engineType()
                        + ", which the protocol cannot carry: cast it inside the model");
            }
            if (!binding.linear()) {
                throw new LoadException(what + "lies in memory in another order than row by row: "
                        + "build the plan with the format LINEAR for inputs and outputs");
            }
            if (binding.host()) {
                checkShapeTensor(binding, what);
            }
        }
        var profiles = new Profiles(bindings.stream().filter(Binding::input).toList());
        return new Signature(specs(bindings, true), specs(bindings, false), profiles.largestBatch());
    }

    private static void checkShapeTensor(Binding binding, String what) throws LoadException {
        if (!ShapeTensor.allows(binding.type().orElseThrow())) {
            throw new LoadException(what + "is a shape tensor of type " + binding.engineType()
                    + "; INT32 and INT64 are served: cast it inside the model");
        }
        if (binding.shape().rank() > 1 || !binding.shape().isFixed()) {
            throw new LoadException(what + "is a shape tensor of shape " + binding.shape()
                    + "; a fixed number of values in one dimension is served: reshape it inside the model");
        }
    }

    /** A graph holds the values of shape tensors for good. */
    private static void checkGraphs(GraphShapes graphs, List<Binding> bindings, ModelSource source)
            throws LoadException {
        var sizes = bindings.stream().filter(Binding::host).findFirst();
        if (graphs.wanted() && sizes.isPresent()) {
            throw new LoadException("optimization.cuda.graphs of '" + source.model() + "' cannot be had: '"
                    + sizes.get().name() + "' is a shape tensor, and a CUDA graph would keep its values: leave it out");
        }
    }

    private static List<TensorSpec> specs(List<Binding> bindings, boolean inputs) {
        return bindings.stream()
                .filter(binding -> binding.input() == inputs)
                .map(binding ->
                        new TensorSpec(binding.name(), binding.type().orElseThrow(), binding.shape(), binding.host()))
                .toList();
    }

    @Override
    public Optional<Signature> signature() {
        return Optional.of(signature);
    }

    List<Binding> bindings() {
        return bindings;
    }

    /** For whoever lets go before the model is closed. */
    long engine(int gpu) {
        return Objects.requireNonNull(engines.get(gpu)).engine().address();
    }

    @Override
    public List<GpuMemory> gpuMemory() {
        return engines.values().stream()
                .map(loaded -> loaded.share().told())
                .sorted(Comparator.comparingInt(GpuMemory::gpu))
                .toList();
    }

    @Override
    public String description() {
        return "instances on GPU " + placement.gpus();
    }

    /** While one of its GPUs is there, the instances on that one answer. */
    @Override
    public Optional<String> failure() {
        return placement.gpus().stream().allMatch(gpu -> gpus.lost(gpu).isPresent())
                ? gpus.lost(placement.gpus().getFirst())
                : Optional.empty();
    }

    @Override
    public BackendInstance instance(int ordinal) throws LoadException {
        int gpu = placement.gpus().get(ordinal);
        var engine = engines.get(gpu);
        if (engine == null) {
            throw new IllegalStateException("there is no engine on GPU " + gpu);
        }
        try {
            return TensorRtInstance.make(calls, gpus, gpu, engine.engine(), bindings, name, graphs);
        } catch (NativeException refused) {
            gpus.failed(gpu, refused);
            throw new LoadException(
                    "instance " + ordinal + " of '" + name + "' cannot be made on GPU " + gpu + ": " + refused.text(),
                    refused);
        }
    }

    @Override
    public void close() {
        engines.values().forEach(Loaded::close);
    }
}
