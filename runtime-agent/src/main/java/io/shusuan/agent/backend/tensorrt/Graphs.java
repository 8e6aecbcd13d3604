package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.NativeHandle;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * The CUDA graphs of one instance: runs of shapes that come again and again, put on the stream by one call instead of one for each kernel.
 *
 * <p>A graph holds the shapes and all addresses of the run it was made of, and its context must not be touched any more. So each has a
 * context of its own, which shares the memory of the others. A run of new shapes goes the plain way; when they come again it is put
 * on the stream of such a context, which also does what TensorRT puts off until the first run, and then once more to be written down.
 * Where that fails, those shapes go the plain way for good.
 */
final class Graphs implements AutoCloseable {
    private static final Logger log = System.getLogger(Graphs.class.getName());
    /** Each holds what its context keeps besides, of which the budget knows nothing. */
    static final int MOST = 16;
    /** Shapes of which it is known that they came once. */
    private static final int REMEMBERED = 256;

    private final NativeCalls calls;
    private final String model;
    private final GraphShapes wanted;
    private final IntFunction<PlanContext> contexts;
    private final Map<Key, Graph> graphs = new HashMap<>();
    private final Set<Key> failed = new HashSet<>();
    private final Set<Key> seen = Collections.newSetFromMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    });

    /** @param contexts makes a context with a profile */
    Graphs(NativeCalls calls, String model, GraphShapes wanted, IntFunction<PlanContext> contexts) {
        this.calls = calls;
        this.model = model;
        this.wanted = wanted;
        this.contexts = contexts;
    }

    /** What a graph is good for. */
    record Key(int lane, int profile, Map<String, Shape> inputs) {
        static Key of(int lane, int profile, List<Tensor> tensors) {
            var inputs = new LinkedHashMap<String, Shape>();
            tensors.forEach(tensor -> inputs.put(tensor.name(), tensor.shape()));
            return new Key(lane, profile, inputs);
        }

        @Override
        public String toString() {
            return "profile " + profile + ", " + inputs;
        }
    }

    private record Output(Shape shape, long place) {}

    /** A graph, with all that must stay as it was when it was made. */
    private record Graph(PlanContext context, NativeHandle graph, Map<String, Long> inputs, Map<String, Output> outputs)
            implements AutoCloseable {
        @Override
        public void close() {
            graph.close();
            context.close();
        }
    }

    /**
     * Puts the run on the stream, when there is a graph of it or one can be made now.
     *
     * @param lane has the inputs
     * @return false when it must go the plain way
     */
    boolean run(Lane lane, int profile, List<Tensor> tensors, long stream) {
        if (!wanted.include(tensors) || lane.isForeign()) {
            return false;
        }
        var key = Key.of(lane.number(), profile, tensors);
        var graph = graphs.get(key);
        if (graph != null) {
            if (fits(graph, lane)) {
                calls.launch(graph.graph().address(), stream);
                return true;
            }
            // a tensor's memory had to grow; its last run was waited for
            graph.close();
            graphs.remove(key);
        }
        return !failed.contains(key)
                && graphs.size() + failed.size() < MOST
                && !seen.add(key)
                && make(key, lane, tensors, stream);
    }

    private static boolean fits(Graph graph, Lane lane) {
        boolean same = graph.inputs().equals(lane.places());
        for (var output : lane.outputs()) {
            var made = graph.outputs().get(output.name());
            same &= made != null && made.place() == output.prepare(made.shape());
        }
        return same;
    }

    private boolean make(Key key, Lane lane, List<Tensor> tensors, long stream) {
        PlanContext context = null;
        boolean underway = false;
        boolean kept = false;
        try {
            context = contexts.apply(key.profile());
            lane.tell(context, tensors);
            var outputs = new HashMap<String, Output>();
            for (var output : lane.outputs()) {
                if (!output.shape().isFixed()) {
                    return refused(key, "only the run tells the shape of output '" + output.name() + "'");
                }
                outputs.put(output.name(), new Output(output.shape(), output.address()));
            }
            context.enqueue(stream);
            underway = true;
            graphs.put(key, new Graph(context, captured(context, stream), Map.copyOf(lane.places()), outputs));
            kept = true;
            log.log(Level.DEBUG, "{0} has a CUDA graph for {1}", model, key);
            return true;
        } catch (NativeException failure) {
            if (failure.isSticky()) {
                throw failure;
            }
            refused(key, failure.text());
            return underway;
        } finally {
            if (context != null && !kept) {
                discard(context, stream);
            }
        }
    }

    private boolean refused(Key key, String why) {
        failed.add(key);
        log.log(Level.WARNING, "{0} runs without a CUDA graph for {1}: {2}", model, key, why);
        return false;
    }

    private NativeHandle captured(PlanContext context, long stream) {
        calls.beginCapture(stream);
        NativeException refused = null;
        try {
            context.enqueue(stream);
        } catch (NativeException failure) {
            refused = failure;
        }
        long graph;
        try {
            graph = calls.endCapture(stream);
        } catch (NativeException failure) {
            throw refused == null ? failure : refused;
        }
        var handle = NativeHandle.adopt("a CUDA graph", graph, calls::destroyGraph);
        if (refused != null) {
            handle.close();
            throw refused;
        }
        return handle;
    }

    /** What it put on the stream must have ended before it goes. */
    private void discard(PlanContext context, long stream) {
        try {
            calls.synchronize(stream);
        } finally {
            context.close();
        }
    }

    @Override
    public void close() {
        graphs.values().forEach(Graph::close);
        graphs.clear();
    }
}
