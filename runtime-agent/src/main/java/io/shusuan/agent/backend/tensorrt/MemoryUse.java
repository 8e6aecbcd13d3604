package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.NativeHandle;
import io.shusuan.agent.inference.Tensor;
import java.util.List;
import java.util.Locale;

/**
 * What a model takes of one GPU, in bytes.
 *
 * @param weights of the engine that are not streamed from the host, or the size of its plan while that has not been read
 * @param contexts what its instances compute with on the way
 * @param tensors inputs and outputs of its instances, each as large as the plan's profiles let it become
 */
record MemoryUse(long weights, long contexts, long tensors) {
    /** Before a plan is read, its size is what there is to go by. */
    static MemoryUse ofPlan(long bytes) {
        return new MemoryUse(bytes, 0, 0);
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
            tensors += input.profiles().stream()
                    .mapToLong(
                            range -> Buffers.size(Tensor.byteSize(input.type().orElseThrow(), range.max())))
                    .max()
                    .orElse(0);
        }
        tensors += outputs(calls, engine, bindings, profiles);
        return new MemoryUse(
                weights, instances * calls.contextBytes(engine), instances * TensorRtInstance.LANES * tensors);
    }

    /** A context that never runs knows how large outputs become. */
    private static long outputs(NativeCalls calls, long engine, List<Binding> bindings, Profiles profiles) {
        var outputs = bindings.stream()
                .filter(binding -> !binding.input())
                .map(Binding::name)
                .toList();
        long[] largest = new long[outputs.size()];
        try (var stream = NativeHandle.adopt("a stream", calls.createStream(), calls::destroyStream);
                var context = NativeHandle.adopt(
                        "a context that measures", calls.createContext(engine), calls::destroyContext)) {
            for (int profile = 0; profile < profiles.count(); profile++) {
                calls.chooseProfile(context.address(), profile, stream.address());
                for (var input : profiles.inputs()) {
                    calls.setInputShape(
                            context.address(),
                            input.name(),
                            input.profiles().get(profile).max());
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

    long total() {
        return weights + contexts + tensors;
    }

    static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
    }

    @Override
    public String toString() {
        return mebibytes(total()) + " (weights " + mebibytes(weights) + ", contexts " + mebibytes(contexts)
                + ", tensors " + mebibytes(tensors) + ")";
    }
}
