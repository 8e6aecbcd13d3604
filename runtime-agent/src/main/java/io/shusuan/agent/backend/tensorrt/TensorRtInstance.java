package io.shusuan.agent.backend.tensorrt;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.NativeHandle;
import io.shusuan.agent.backend.gpu.Gpus;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Execution contexts, one for each profile, that run on one stream. A run is put there as a whole, copies included, and waited for by its
 * mark, so the next can be put behind it meanwhile: its inputs travel on a stream of their own while the GPU computes. When
 * {@link Begun#finish} returns or throws, the GPU has let go of all that the run had.
 */
final class TensorRtInstance implements BackendInstance {
    /** How many runs may be under way. With a third, one more would only wait. */
    static final int LANES = 2;

    private final NativeCalls calls;
    private final Gpus gpus;
    private final int gpu;
    private final NativeHandle.Use engine;
    private final NativeHandle stream;
    private final NativeHandle copies;
    private final Activations activations;
    private final List<PlanContext> contexts;
    private final Profiles profiles;
    private final List<Lane> lanes;
    private final Graphs graphs;
    private int profile = -1;
    /** The lane of the newest run. */
    private int newest;

    /** Runs that are not finished. */
    private int begun;

    /** CUDA keeps the GPU in use for each thread: the instance is made on one and works on another. */
    private @Nullable Thread bound;

    private TensorRtInstance(
            NativeCalls calls,
            Gpus gpus,
            int gpu,
            NativeHandle.Use engine,
            NativeHandle stream,
            NativeHandle copies,
            Activations activations,
            List<PlanContext> contexts,
            List<Lane> lanes,
            Profiles profiles,
            Graphs graphs) {
        this.calls = calls;
        this.gpus = gpus;
        this.gpu = gpu;
        this.engine = engine;
        this.stream = stream;
        this.copies = copies;
        this.activations = activations;
        this.contexts = List.copyOf(contexts);
        this.lanes = List.copyOf(lanes);
        this.profiles = profiles;
        this.graphs = graphs;
    }

    /** Makes an instance; when a part of it cannot be made, nothing of it stays. */
    static TensorRtInstance make(
            NativeCalls calls,
            Gpus gpus,
            int gpu,
            NativeHandle engine,
            List<Binding> bindings,
            String model,
            GraphShapes graphs) {
        calls.useGpu(gpu);
        var made = new ArrayList<Runnable>();
        boolean complete = false;
        try {
            var use = engine.use();
            made.addFirst(use::close);
            var stream = NativeHandle.adopt("a stream", calls.createStream(), calls::destroyStream);
            made.addFirst(stream::close);
            var copies = NativeHandle.adopt("a stream", calls.createStream(), calls::destroyStream);
            made.addFirst(copies::close);
            var activations = Activations.make(calls, use.address());
            made.addFirst(activations::close);
            IntFunction<PlanContext> context =
                    profile -> PlanContext.make(calls, use.address(), profile, activations, stream.address());
            var profiles = new Profiles(bindings.stream().filter(Binding::input).toList());
            var contexts = new ArrayList<PlanContext>();
            for (int i = 0; i < Math.max(1, profiles.count()); i++) {
                var each = context.apply(i);
                made.addFirst(each::close);
                contexts.add(each);
            }
            var lanes = new ArrayList<Lane>();
            for (int i = 0; i < LANES; i++) {
                var lane = Lane.make(calls, gpu, i, bindings);
                made.addFirst(lane::close);
                lanes.add(lane);
            }
            var instance = new TensorRtInstance(
                    calls,
                    gpus,
                    gpu,
                    use,
                    stream,
                    copies,
                    activations,
                    contexts,
                    lanes,
                    profiles,
                    new Graphs(calls, model, graphs, context));
            complete = true;
            return instance;
        } finally {
            if (!complete) {
                made.forEach(Runnable::run);
            }
        }
    }

    @Override
    public boolean isLost() {
        return gpus.lost(gpu).isPresent();
    }

    @Override
    public int inHand() {
        return LANES;
    }

    @Override
    public ByteBuf inputMemory(String input, int bytes) {
        var binding = nextLane().input(input);
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
        return begin(request).finish();
    }

    @Override
    public Begun begin(InferenceRequest request) {
        gpus.check(gpu);
        var lane = nextLane();
        boolean underway = false;
        try {
            bind();
            int wanted = profiles.choose(request.inputs(), profile);
            profile = wanted;
            underway = true;
            copy(lane, request);
            lane.wants(request.places());
            request.timing().inputsReady();
            if (!graphs.run(lane, wanted, request.inputs(), stream.address())) {
                lane.tell(contexts.get(wanted), request.inputs());
                enqueue(contexts.get(wanted), lane);
            }
            var asked = lane.asked(request);
            for (var output : asked) {
                output.fetch(stream.address());
            }
            calls.record(lane.done(), stream.address());
            underway = false;
            newest = lane.number();
            begun++;
            return () -> finish(request, lane, asked);
        } catch (NativeException failed) {
            throw told(failed);
        } finally {
            if (underway) {
                settle();
            }
        }
    }

    private Lane nextLane() {
        return lanes.get(begun == 0 ? 0 : (newest + 1) % LANES);
    }

    /** On the stream of the run while it is empty: to order two streams costs more than a small copy. */
    private void copy(Lane lane, InferenceRequest request) {
        if (begun == 0) {
            lane.put(request.inputs(), stream.address());
            return;
        }
        lane.put(request.inputs(), copies.address());
        calls.record(lane.copied(), copies.address());
        calls.await(stream.address(), lane.copied());
    }

    private void enqueue(PlanContext context, Lane lane) {
        try {
            context.enqueue(stream.address());
        } catch (NativeException failed) {
            // where an output got no memory, that is the reason
            throw lane.outputs().stream()
                    .flatMap(output -> output.refusal().stream())
                    .findFirst()
                    .orElse(failed);
        }
    }

    private List<Tensor> finish(InferenceRequest request, Lane lane, List<OutputBinding> asked) {
        begun--;
        try {
            calls.synchronizeEvent(lane.done());
        } catch (NativeException failed) {
            // noted before what follows from it
            var told = told(failed);
            settle();
            throw told;
        }
        request.timing().outputsReady();
        return Lane.answers(request, asked);
    }

    private void bind() {
        var thread = Thread.currentThread();
        if (bound != thread) {
            calls.useGpu(gpu);
            bound = thread;
        }
    }

    /** Once the GPU is lost, every call fails of that, whatever it says. */
    private ServingException told(NativeException failed) {
        gpus.failed(gpu, failed);
        return gpus.lost(gpu)
                .map(why -> new ServingException(Reason.UNAVAILABLE, why))
                .orElseGet(() -> new ServingException(Reason.BACKEND, failed.text()));
    }

    /** After a failure half-way: the memory is used again, so what is under way must have ended. */
    private void settle() {
        for (var each : List.of(copies, stream)) {
            try {
                calls.synchronize(each.address());
            } catch (NativeException failed) {
                gpus.failed(gpu, failed);
            }
        }
    }

    @Override
    public void close() {
        try {
            bind();
        } catch (NativeException failed) {
            gpus.failed(gpu, failed);
        }
        graphs.close();
        contexts.forEach(PlanContext::close);
        activations.close();
        lanes.forEach(Lane::close);
        copies.close();
        stream.close();
        engine.close();
    }
}
