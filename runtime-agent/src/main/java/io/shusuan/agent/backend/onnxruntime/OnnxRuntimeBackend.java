package io.shusuan.agent.backend.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.shusuan.agent.backend.Backend;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import java.nio.file.Files;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Runtime, on the CPU and, where its library has CUDA, on GPUs. The native library is loaded when it is first needed, so an agent without ONNX models never pays for
 * it and a machine without the library still starts.
 */
public final class OnnxRuntimeBackend implements Backend {
    public static final String NAME = "onnxruntime";

    private final int cores;
    private @Nullable OrtEnvironment environment;
    private @Nullable String failure;

    public OnnxRuntimeBackend(int cores) {
        this.cores = cores;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String version() {
        var loaded = environment();
        return loaded == null ? "unknown" : loaded.getVersion();
    }

    @Override
    public synchronized Optional<String> unavailable() {
        environment();
        return Optional.ofNullable(failure);
    }

    @Override
    public BackendModel open(ModelSource source) throws LoadException {
        var loaded = environment();
        if (loaded == null) {
            throw new LoadException(
                    "ONNX Runtime is not available: " + unavailable().orElse("unknown reason"));
        }
        var fileName = source.config().getDefaultModelFilename();
        var file = source.folder().resolve(fileName.isEmpty() ? "model.onnx" : fileName);
        if (!Files.isRegularFile(file)) {
            throw new LoadException("version " + source.version() + " of '" + source.model() + "' has no file "
                    + file.getFileName() + " in " + source.folder());
        }
        SessionSettings.check(source.config());
        var devices = Devices.of(source.config());
        var threads = Threads.of(source.config(), source.instances(), cores);
        try {
            return OnnxModel.open(loaded, file, threads, devices, source);
        } catch (OrtException refused) {
            throw new LoadException(
                    "ONNX Runtime cannot load " + file.getFileName() + " of '" + source.model() + "' version "
                            + source.version() + ": " + refused.getMessage(),
                    refused);
        }
    }

    private synchronized @Nullable OrtEnvironment environment() {
        if (environment == null && failure == null) {
            try {
                environment = OnnxRuntimeLibrary.environment();
            } catch (RuntimeException
                    | UnsatisfiedLinkError
                    | NoClassDefFoundError
                    | ExceptionInInitializerError missing) {
                failure = missing.getMessage() == null ? missing.toString() : missing.getMessage();
            }
        }
        return environment;
    }
}
