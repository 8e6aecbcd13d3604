package io.shusuan.agent.engine.build;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.session.RunnableModel;
import java.nio.file.Path;

/** TensorRT, as builds need it: it makes plans, and runs them to be judged. */
public interface PlanMaker {
    /** @throws EngineException NOT_AVAILABLE with what is missing on this machine */
    Platform platform(int gpu) throws EngineException;

    /** Leaves a plan at its place, or throws with the node, the profile or the call that was refused. */
    void build(Order order) throws EngineException;

    /** Opens a plan on a GPU. The caller closes it. */
    OpenPlan open(Path plan, int gpu, BuildSettings settings) throws EngineException;

    /**
     * What is to be built.
     *
     * @param timings a file with the times of kernels that were measured before, which is read where it is there and written again
     */
    record Order(int gpu, Path onnx, BuildSettings settings, Path plan, Path timings) {}

    /** Runs a plan over and over with nothing around it: what no server can exceed. */
    EnqueueRates enqueue(Path plan, EnqueueLoad load) throws EngineException;

    /** A plan that can be run. */
    interface OpenPlan extends RunnableModel, AutoCloseable {
        @Override
        void close();
    }
}
