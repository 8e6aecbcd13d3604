package io.shusuan.agent.backend.repeat;

import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.Responses;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Answers once per element. */
record RepeatInstance(boolean indexed) implements BackendInstance {
    private static final long LOOK_MILLIS = 20;

    @Override
    public List<Tensor> run(InferenceRequest request) {
        throw ServingException.unsupported("a repeat model answers more than once: it must be decoupled");
    }

    @Override
    public void stream(InferenceRequest request, Responses responses) {
        request.timing().inputsReady();
        var elements = input(request, "IN").orElseThrow();
        var delays = input(request, "DELAY");
        long count = elements.shape().elementCount();
        if (delays.isPresent() && delays.get().shape().elementCount() != count) {
            throw ServingException.invalid(request.label() + "DELAY has "
                    + delays.get().shape().elementCount() + " elements and IN has " + count + ": give one for each");
        }
        for (int i = 0; i < count; i++) {
            pause(request, delays, i);
            responses.send(answer(request, integer(elements, i), i));
        }
        pause(request, input(request, "WAIT"), 0);
        request.timing().outputsReady();
    }

    private List<Tensor> answer(InferenceRequest request, int element, int index) {
        var outputs = new ArrayList<Tensor>(2);
        if (wants(request, "OUT")) {
            outputs.add(scalar("OUT", DataType.INT32, element));
        }
        if (indexed && wants(request, "IDX")) {
            outputs.add(scalar("IDX", DataType.UINT32, index));
        }
        return outputs;
    }

    private static boolean wants(InferenceRequest request, String output) {
        return request.outputs().isEmpty() || request.outputs().contains(output);
    }

    private static Tensor scalar(String name, DataType type, int value) {
        return new Tensor(
                name, type, Shape.of(1), ByteBufAllocator.DEFAULT.buffer(4).writeIntLE(value));
    }

    private static Optional<Tensor> input(InferenceRequest request, String name) {
        return request.inputs().stream()
                .filter(input -> input.name().equals(name))
                .findFirst();
    }

    private static int integer(Tensor tensor, int index) {
        return tensor.data().getIntLE(tensor.data().readerIndex() + index * 4);
    }

    private static void pause(InferenceRequest request, Optional<Tensor> delays, int index) {
        if (delays.isEmpty() || delays.get().shape().elementCount() == 0) {
            return;
        }
        long end = System.nanoTime() + Integer.toUnsignedLong(integer(delays.get(), index)) * 1_000_000;
        try {
            // in small pieces, so that a caller who leaves does not keep the instance
            for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
                if (request.isCancelled()) {
                    throw new ServingException(Reason.CANCELLED, request.label() + "the caller went away");
                }
                Thread.sleep(Math.clamp(left / 1_000_000, 1, LOOK_MILLIS));
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw ServingException.unavailable(request.label() + "the instance is being stopped");
        }
    }

    @Override
    public void close() {}
}
