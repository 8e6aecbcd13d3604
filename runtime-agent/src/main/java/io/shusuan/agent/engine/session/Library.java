package io.shusuan.agent.engine.session;

import ai.onnxruntime.OrtEnvironment;
import io.shusuan.agent.backend.onnxruntime.OnnxRuntimeLibrary;
import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;

/** The process' ONNX Runtime, the same that serves models. */
final class Library {
    private Library() {}

    static OrtEnvironment environment() throws EngineException {
        try {
            return OnnxRuntimeLibrary.environment();
        } catch (RuntimeException | UnsatisfiedLinkError | NoClassDefFoundError | ExceptionInInitializerError missing) {
            throw new EngineException(Fault.NOT_AVAILABLE, "ONNX Runtime is not available: " + missing, missing);
        }
    }
}
