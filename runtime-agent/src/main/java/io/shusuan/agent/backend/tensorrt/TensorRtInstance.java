package io.shusuan.agent.backend.tensorrt;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One execution context with a stream and memory of its own. A run is put on the stream as a whole, copies included, and waited for
 * once: when {@link #run} returns or throws, the GPU has let go of everything.
 */
final class TensorRtInstance implements BackendInstance {
    private final NativeCalls calls;
    private final Gpus gpus;
    private final int gpu;
    private final NativeHandle.Use engine;
    private final NativeHandle stream;
    private final NativeHandle context;
    private final Profiles profiles;
    private final Map<String, InputBinding> inputs = new LinkedHashMap<>();
    private final Map<String, OutputBinding> outputs = new LinkedHashMap<>();
    private int profile = -1;
    /** CUDA keeps the GPU in use for each thread: the instance is made on one and works on another. */
    private @Nullable Thread bound;

    private TensorRtInstance(
            NativeCalls calls,
            Gpus gpus,
            int gpu,
            NativeHandle.Use engine,
            NativeHandle stream,
            NativeHandle context,
            List<Binding> bindings) {
        this.calls = calls;
        this.gpus = gpus;
        this.gpu = gpu;
        this.engine = engine;
        this.stream = stream;
        this.context = context;
        this.profiles = new Profiles(bindings.stream().filter(Binding::input).toList());
        for (var binding : bindings) {
            if (binding.input()) {
                inputs.put(binding.name(), new InputBinding(calls, binding));
            } else {
                outputs.put(binding.name(), new OutputBinding(calls, binding));
            }
        }
    }

    /** Makes an instance; when a part of it cannot be made, nothing of it stays. */
    static TensorRtInstance make(NativeCalls calls, Gpus gpus, int gpu, NativeHandle engine, List<Binding> bindings) {
        calls.useGpu(gpu);
        var made = new ArrayList<Runnable>();
        boolean complete = false;
        try {
            var use = engine.use();
            made.addFirst(use::close);
            var stream = NativeHandle.adopt("a stream", calls.createStream(), calls::destroyStream);
            made.addFirst(stream::close);
            var context = NativeHandle.adopt(
                    "an execution context", calls.createContext(use.address()), calls::destroyContext);
            made.addFirst(context::close);
            var instance = new TensorRtInstance(calls, gpus, gpu, use, stream, context, bindings);
            complete = true;
            return instance;
        } finally {
            if (!complete) {
                made.forEach(Runnable::run);
            }
        }
    }

    @Override
    public ByteBuf inputMemory(String input, int bytes) {
        var binding = inputs.get(input);
        if (binding == null) {
            return BackendInstance.super.inputMemory(input, bytes);
        }
        gpus.check(gpu);
        try {
            bind();
            return binding.memory(bytes);
        } catch (NativeException failed) {
            throw told(failed);
        }
    }

    @Override
    public List<Tensor> run(InferenceRequest request) {
        gpus.check(gpu);
        boolean underway = false;
        try {
            bind();
            int wanted = profiles.choose(request.inputs(), profile);
            underway = true;
            use(wanted);
            for (var input : request.inputs()) {
                binding(input).put(input, context.address(), stream.address());
            }
            request.timing().inputsReady();
            for (var output : outputs.values()) {
                output.prepare(context.address());
            }
            enqueue();
            var asked = asked(request);
            for (var output : asked) {
                output.fetch(stream.address());
            }
            calls.synchronize(stream.address());
            underway = false;
            request.timing().outputsReady();
            return answers(request, asked);
        } catch (NativeException failed) {
            throw told(failed);
        } finally {
            if (underway) {
                settle();
            }
        }
    }

    private void bind() {
        var thread = Thread.currentThread();
        if (bound != thread) {
            calls.useGpu(gpu);
            bound = thread;
        }
    }

    private void use(int wanted) {
        if (wanted != profile) {
            profile = -1;
            inputs.values().forEach(InputBinding::forgetShape);
            calls.chooseProfile(context.address(), wanted, stream.address());
            profile = wanted;
        }
    }

    private InputBinding binding(Tensor input) {
        var binding = inputs.get(input.name());
        if (binding == null) {
            throw ServingException.invalid("the plan has no input '" + input.name() + "'");
        }
        return binding;
    }

    private void enqueue() {
        try {
            calls.enqueue(context.address(), stream.address());
        } catch (NativeException failed) {
            // where an output got no memory, that is the reason
            throw outputs.values().stream()
                    .flatMap(output -> output.refusal().stream())
                    .findFirst()
                    .orElse(failed);
        }
    }

    private List<OutputBinding> asked(InferenceRequest request) {
        return outputs.values().stream()
                .filter(output ->
                        request.outputs().isEmpty() || request.outputs().contains(output.name()))
                .toList();
    }

    private static List<Tensor> answers(InferenceRequest request, List<OutputBinding> asked) {
        var answers = new ArrayList<Tensor>(asked.size());
        boolean complete = false;
        try {
            for (var output : asked) {
                answers.add(output.answer(request));
            }
            complete = true;
            return answers;
        } finally {
            if (!complete) {
                answers.forEach(Tensor::release);
            }
        }
    }

    private ServingException told(NativeException failed) {
        gpus.failed(gpu, failed);
        return new ServingException(failed.isSticky() ? Reason.UNAVAILABLE : Reason.BACKEND, failed.text());
    }

    /** After a failure half-way: the memory is used again, so what is under way must have ended. */
    private void settle() {
        try {
            calls.synchronize(stream.address());
        } catch (NativeException failed) {
            gpus.failed(gpu, failed);
        }
    }

    @Override
    public void close() {
        try {
            bind();
        } catch (NativeException failed) {
            gpus.failed(gpu, failed);
        }
        context.close();
        inputs.values().forEach(InputBinding::close);
        outputs.values().forEach(OutputBinding::close);
        stream.close();
        engine.close();
    }
}
