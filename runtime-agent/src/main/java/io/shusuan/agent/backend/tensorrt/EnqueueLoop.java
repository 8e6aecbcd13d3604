package io.shusuan.agent.backend.tensorrt;

import io.netty.buffer.Unpooled;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.backend.NativeHandle;
import io.shusuan.agent.backend.gpu.Gpus;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.build.EnqueueLoad;
import io.shusuan.agent.engine.build.EnqueueRates;
import io.shusuan.agent.engine.session.TensorType;
import io.shusuan.agent.engine.session.Value;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * One stream that runs a plan over and over, for whom nobody waits: first with all tensors on the GPU, many runs ahead and then each waited for, then
 * with the copies there and back.
 * All loops of a plan are closed when none of them runs any more: to free memory waits for the whole GPU.
 */
final class EnqueueLoop implements AutoCloseable {
    private static final int WARM_UP = 10;
    /** Runs on the stream before it is waited for, so that the GPU never waits for the host. */
    private static final int AHEAD = 8;

    private static final String NAME = "the plan";

    private final NativeCalls calls;
    private final NativeHandle stream;
    private final Activations activations;
    private final long engine;
    private final Lane lane;
    private final List<Tensor> tensors = new ArrayList<>();
    private @Nullable PlanContext context;

    private EnqueueLoop(NativeCalls calls, int gpu, long engine, List<Binding> bindings) {
        this.calls = calls;
        this.engine = engine;
        var made = new ArrayList<Runnable>();
        boolean complete = false;
        try {
            stream = NativeHandle.adopt("a stream", calls.createStream(), calls::destroyStream);
            made.addFirst(stream::close);
            activations = Activations.make(calls, engine);
            made.addFirst(activations::close);
            lane = Lane.make(calls, gpu, 0, bindings);
            complete = true;
        } finally {
            if (!complete) {
                made.forEach(Runnable::run);
            }
        }
    }

    static EnqueueRates measure(NativeCalls calls, Gpus gpus, Path plan, EnqueueLoad load)
            throws EngineException, LoadException {
        var placement = new Placement(List.of(load.gpu()), false);
        var source = new ModelSource(NAME, 1, plan.resolveSibling(""), ModelConfig.getDefaultInstance(), 1);
        var loops = new ArrayList<EnqueueLoop>();
        try (var model = TensorRtModel.open(calls, gpus, plan, placement, source)) {
            try {
                var values = batch(model, load);
                calls.useGpu(load.gpu());
                for (int i = 0; i < load.streams(); i++) {
                    var loop = new EnqueueLoop(calls, load.gpu(), model.engine(load.gpu()), model.bindings());
                    loops.add(loop);
                    loop.prepare(model.bindings(), values);
                }
                return together(load, loops);
            } finally {
                loops.forEach(EnqueueLoop::close);
            }
        }
    }

    private static Map<String, Value> batch(TensorRtModel model, EnqueueLoad load) throws EngineException {
        var samples = load.samples().batches(types(model.bindings()), load.batch());
        if (samples.samples() < load.batch()) {
            throw new EngineException(
                    Fault.SAMPLES_MISMATCH,
                    "there are " + samples.samples() + " samples and a batch is to have " + load.batch());
        }
        if (samples.areWhole() && load.batch() > 1) {
            throw new EngineException(
                    Fault.SAMPLES_MISMATCH,
                    "inputs are given whole for each sample, so a run has one: ask for a batch of 1");
        }
        return samples.get(0);
    }

    private static List<TensorType> types(List<Binding> bindings) {
        return bindings.stream()
                .filter(Binding::input)
                .map(binding -> new TensorType(
                        binding.name(),
                        PlanRun.onnxType(binding.type().orElseThrow()),
                        binding.shape().toArray()))
                .toList();
    }

    /** Runs per second of one stream, and how long each took that was waited for. */
    private record Rates(double enqueued, long[] waitedNanos, double copied, long[] copiedNanos) {}

    /** All streams begin together, so that none runs on a GPU that others have left; when one fails none waits for it. */
    private static final class Pace {
        private final Phaser phaser;
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

        Pace(int streams) {
            phaser = new Phaser(streams);
        }

        void awaitOthers() {
            if (phaser.arriveAndAwaitAdvance() < 0) {
                throw new CancellationException("another stream failed");
            }
        }

        void failed(Throwable why) {
            failure.compareAndSet(null, why);
            phaser.forceTermination();
        }

        RuntimeException failure(ExecutionException of) {
            return failure.get() instanceof NativeException failed ? failed : new IllegalStateException(of);
        }
    }

    private static EnqueueRates together(EnqueueLoad load, List<EnqueueLoop> loops) throws EngineException {
        var pace = new Pace(load.streams());
        var running = new ArrayList<Future<Rates>>();
        try (var threads = Executors.newFixedThreadPool(
                load.streams(), Thread.ofPlatform().name("stream-", 0).factory())) {
            for (var loop : loops) {
                running.add(threads.submit(() -> loop.run(load, pace)));
            }
        }
        double enqueued = 0;
        double copied = 0;
        var waitedNanos = new ArrayList<Long>();
        var copiedNanos = new ArrayList<Long>();
        for (var each : running) {
            var rates = get(each, pace);
            enqueued += rates.enqueued();
            copied += rates.copied();
            LongStream.of(rates.waitedNanos()).forEach(waitedNanos::add);
            LongStream.of(rates.copiedNanos()).forEach(copiedNanos::add);
        }
        return new EnqueueRates(
                load.batch(),
                load.streams(),
                enqueued * load.batch(),
                medianMicros(waitedNanos),
                copied * load.batch(),
                medianMicros(copiedNanos));
    }

    private static double medianMicros(List<Long> nanos) {
        nanos.sort(null);
        return nanos.get(nanos.size() / 2) / 1e3;
    }

    private static Rates get(Future<Rates> running, Pace pace) throws EngineException {
        try {
            return running.get();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new EngineException(Fault.NOT_BUILDABLE, "the loop was stopped", stopped);
        } catch (ExecutionException failed) {
            throw pace.failure(failed);
        }
    }

    private Rates run(EnqueueLoad load, Pace pace) {
        try {
            calls.useGpu(load.gpu());
            for (int i = 0; i < WARM_UP; i++) {
                copied();
            }
            pace.awaitOthers();
            double enqueued = enqueuedFor(load.time());
            pace.awaitOthers();
            var waited = timedFor(load.time(), this::waited);
            pace.awaitOthers();
            var copied = timedFor(load.time(), this::copied);
            return new Rates(
                    enqueued,
                    waited,
                    copied.length * 1e9 / LongStream.of(copied).sum(),
                    copied);
        } catch (RuntimeException failed) {
            pace.failed(failed);
            throw failed;
        }
    }

    private void prepare(List<Binding> bindings, Map<String, Value> values) throws EngineException {
        for (var binding : bindings) {
            if (binding.input()) {
                tensors.add(tensor(binding.name(), Objects.requireNonNull(values.get(binding.name()))));
            }
        }
        var profiles = new Profiles(bindings.stream().filter(Binding::input).toList());
        try {
            context = PlanContext.make(calls, engine, profiles.choose(tensors, -1), activations, stream.address());
        } catch (ServingException refused) {
            throw new EngineException(Fault.PROFILE_MISMATCH, refused.text(), refused);
        }
    }

    /** In the memory that the GPU reads from, so that it is copied once. */
    private Tensor tensor(String name, Value value) throws EngineException {
        var data = value.data().duplicate().rewind();
        var memory = Objects.requireNonNull(lane.input(name))
                .memory(data.remaining())
                .writeBytes(Unpooled.wrappedBuffer(data));
        return new Tensor(name, PlanRun.wireType(value.type()), Shape.of(value.shape()), memory);
    }

    /** One run with both ways. */
    private void copied() {
        lane.put(tensors, stream.address());
        lane.tell(context(), tensors);
        context().enqueue(stream.address());
        lane.outputs().forEach(output -> output.fetch(stream.address()));
        calls.synchronize(stream.address());
    }

    /** One run with all tensors on the GPU. */
    private void waited() {
        context().enqueue(stream.address());
        calls.synchronize(stream.address());
    }

    private PlanContext context() {
        return Objects.requireNonNull(context, "the loop was not prepared");
    }

    private double enqueuedFor(Duration time) {
        long begin = System.nanoTime();
        long end = begin + time.toNanos();
        long runs = 0;
        long now = begin;
        while (now < end) {
            for (int i = 0; i < AHEAD; i++) {
                context().enqueue(stream.address());
            }
            calls.synchronize(stream.address());
            runs += AHEAD;
            now = System.nanoTime();
        }
        return runs * 1e9 / (now - begin);
    }

    /** How long each run took. */
    private static long[] timedFor(Duration time, Runnable run) {
        var nanos = LongStream.builder();
        long now = System.nanoTime();
        long end = now + time.toNanos();
        while (now < end) {
            run.run();
            long done = System.nanoTime();
            nanos.add(done - now);
            now = done;
        }
        return nanos.build().toArray();
    }

    @Override
    public void close() {
        try {
            // after a failure half-way there may be copies under way
            calls.synchronize(stream.address());
        } catch (NativeException failed) {
            // it was told by the run
        }
        if (context != null) {
            context.close();
        }
        activations.close();
        lane.close();
        stream.close();
    }
}
