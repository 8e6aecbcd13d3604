package io.shusuan.agent.engine.session;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import io.shusuan.agent.backend.onnxruntime.CommandLineLimit;
import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;

/** The process' ONNX Runtime, the same that serves models. */
final class Library {
    private Library() {}

    static OrtEnvironment environment() throws EngineException {
        var problem = CommandLineLimit.problem();
        if (problem.isPresent()) {
            throw new EngineException(Fault.NOT_AVAILABLE, problem.get());
        }
        try {
            return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "shusuan");
        } catch (RuntimeException | UnsatisfiedLinkError | NoClassDefFoundError | ExceptionInInitializerError missing) {
            throw new EngineException(Fault.NOT_AVAILABLE, "ONNX Runtime is not available: " + missing, missing);
        }
    }
}
