package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.NativeHandle;
import io.shusuan.agent.backend.gpu.MemoryUse;
import io.shusuan.agent.backend.gpu.MemoryUse.Part;
import io.shusuan.agent.inference.Tensor;
import java.util.List;

/** What an engine of TensorRT's takes of the memory of the GPU it is on. */
final class EngineUse {
    private EngineUse() {}

    /** Of the weights alone; before a plan is read, its size is what there is to go by. */
    static MemoryUse ofWeights(long bytes) {
        return of(bytes, 0, 0);
    }

    /**
     * @param weights of the engine that are not streamed from the host, or the size of its plan while that has not been read
     * @param contexts what its instances compute with on the way
     * @param tensors inputs and outputs of its instances, each as large as the plan's profiles let it become
     */
    private static MemoryUse of(long weights, long contexts, long tensors) {
        return new MemoryUse(
                new Part("weights", weights), new Part("contexts", contexts), new Part("tensors", tensors));
    }

    /**
     * What an engine that was read will take with so many instances, before any of them is made.
     *
     * @param weights those on the device
     */
    static MemoryUse of(NativeCalls calls, long engine, List<Binding> bindings, long weights, long instances) {
        var profiles = new Profiles(bindings.stream().filter(Binding::input).toList());
        long tensors = 0;
        for (var input : profiles.inputs()) {
            if (!input.host()) {
                tensors += input.profiles().stream()
                        .mapToLong(range ->
                                Buffers.size(Tensor.byteSize(input.type().orElseThrow(), range.max())))
                        .max()
                        .orElse(0);
            }
        }
        tensors += outputs(calls, engine, bindings, profiles);
        return of(weights, instances * calls.contextBytes(engine), instances * TensorRtInstance.LANES * tensors);
    }

    /** A context that never runs knows how large outputs become; those that shape tensors decide with their largest values. */
    private static long outputs(NativeCalls calls, long engine, List<Binding> bindings, Profiles profiles) {
        var outputs = bindings.stream()
                .filter(binding -> !binding.input() && !binding.host())
                .map(Binding::name)
                .toList();
        long[] largest = new long[outputs.size()];
        try (var stream = NativeHandle.adopt("a stream", calls.createStream(), calls::destroyStream);
                var sizes = new Sizes(calls);
                var context = NativeHandle.adopt(
                        "a context that measures", calls.createContext(engine), calls::destroyContext)) {
            for (int profile = 0; profile < profiles.count(); profile++) {
                calls.chooseProfile(context.address(), profile, stream.address());
                for (var input : profiles.inputs()) {
                    var max = input.profiles().get(profile).max();
                    if (input.host()) {
                        calls.setAddress(context.address(), input.name(), sizes.of(input, max));
                    } else {
                        calls.setInputShape(context.address(), input.name(), max);
                    }
                }
                for (int i = 0; i < largest.length; i++) {
                    largest[i] = Math.max(largest[i], calls.largestOutput(context.address(), outputs.get(i)));
                }
            }
            calls.synchronize(stream.address());
        }
        long sum = 0;
        for (long bytes : largest) {
            sum += Buffers.size(bytes);
        }
        return sum;
    }
}
