package io.shusuan.agent.backend.tensorrt;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.backend.NativeHandle;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one run has for itself, so that the next can begin while it is under way: memory of inputs and outputs, and two marks on the
 * streams. A lane is used again when its run was waited for.
 */
final class Lane implements AutoCloseable {
    private final int number;
    private final Map<String, InputBinding> inputs = new LinkedHashMap<>();
    private final Map<String, OutputBinding> outputs = new LinkedHashMap<>();
    private final NativeHandle copied;
    private final NativeHandle done;
    private boolean foreign;
    /** Where the inputs of the run are on the GPU. */
    private final Map<String, Long> places = new HashMap<>();

    private Lane(
            NativeCalls calls, int gpu, int number, NativeHandle copied, NativeHandle done, List<Binding> bindings) {
        this.number = number;
        this.copied = copied;
        this.done = done;
        for (var binding : bindings) {
            if (binding.input()) {
                inputs.put(binding.name(), new InputBinding(calls, gpu, binding));
            } else {
                outputs.put(binding.name(), new OutputBinding(calls, gpu, binding));
            }
        }
    }

    static Lane make(NativeCalls calls, int gpu, int number, List<Binding> bindings) {
        var copied = NativeHandle.adopt("an event", calls.createEvent(), calls::destroyEvent);
        NativeHandle done = null;
        try {
            done = NativeHandle.adopt("an event", calls.createEvent(), calls::destroyEvent);
            return new Lane(calls, gpu, number, copied, done, bindings);
        } finally {
            if (done == null) {
                copied.close();
            }
        }
    }

    /** The mark behind the way of the inputs. */
    long copied() {
        return copied.address();
    }

    /** The mark behind the way of the outputs. */
    long done() {
        return done.address();
    }

    @Nullable
    InputBinding input(String name) {
        return inputs.get(name);
    }

    int number() {
        return number;
    }

    /** Puts the way of the inputs to the GPU on the stream; those that lie there already stay where they are. */
    void put(List<Tensor> tensors, long stream) {
        places.clear();
        foreign = false;
        for (var tensor : tensors) {
            var input = input(tensor);
            foreign |= input.liesOnGpu(tensor);
            places.put(tensor.name(), input.put(tensor, stream));
        }
    }

    /** Says where the caller wants the outputs, after the inputs were put. */
    void wants(Map<String, ByteBuf> wanted) {
        for (var output : outputs.values()) {
            foreign |= output.wants(wanted.get(output.name()));
        }
    }

    /** Whether the run works in memory of its caller's: another one will work elsewhere. */
    boolean isForeign() {
        return foreign;
    }

    Map<String, Long> places() {
        return places;
    }

    /** Tells a context all that the run needs to know. */
    void tell(PlanContext context, List<Tensor> tensors) {
        for (var tensor : tensors) {
            long place = Objects.requireNonNull(places.get(tensor.name()));
            if (input(tensor).isHost()) {
                context.sizes(tensor.name(), place);
            } else {
                context.input(tensor.name(), tensor.shape(), place);
            }
        }
        for (var output : outputs.values()) {
            output.prepare(context);
        }
    }

    private InputBinding input(Tensor tensor) {
        var binding = inputs.get(tensor.name());
        if (binding == null) {
            throw ServingException.invalid("the plan has no input '" + tensor.name() + "'");
        }
        return binding;
    }

    Collection<OutputBinding> outputs() {
        return outputs.values();
    }

    /** Those that the request wants. */
    List<OutputBinding> asked(InferenceRequest request) {
        return outputs.values().stream()
                .filter(output ->
                        request.outputs().isEmpty() || request.outputs().contains(output.name()))
                .toList();
    }

    static List<Tensor> answers(InferenceRequest request, List<OutputBinding> asked) {
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

    @Override
    public void close() {
        inputs.values().forEach(InputBinding::close);
        outputs.values().forEach(OutputBinding::close);
        copied.close();
        done.close();
    }
}
