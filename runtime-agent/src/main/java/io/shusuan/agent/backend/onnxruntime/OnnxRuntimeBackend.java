package io.shusuan.agent.backend.onnxruntime;

import io.shusuan.agent.backend.Backend;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.backend.gpu.Gpus;
import java.nio.file.Files;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Runtime, on the CPU and, where its library has CUDA, on GPUs. The native library is loaded when it is first needed, so an agent
 * without ONNX models never pays for it and a machine without the library still starts.
 */
public final class OnnxRuntimeBackend implements Backend {
    public static final String NAME = "onnxruntime";

    private final int cores;
    private final Supplier<OnnxRuntime> library;
    private final Gpus gpus;
    private final CudaMemory cuda;
    private @Nullable OnnxRuntime engine;
    private @Nullable String failure;

    /** Shares GPUs with no other engine. */
    public OnnxRuntimeBackend(int cores) {
        this(cores, new Gpus());
    }

    /** @param gpus shared with the other engines that run on them */
    public OnnxRuntimeBackend(int cores, Gpus gpus) {
        this(cores, OnnxRuntime::load, gpus, new CudaRuntime());
    }

    OnnxRuntimeBackend(int cores, Supplier<OnnxRuntime> library) {
        this(cores, library, new Gpus(), new CudaRuntime());
    }

    OnnxRuntimeBackend(int cores, Supplier<OnnxRuntime> library, Gpus gpus, CudaMemory cuda) {
        this.cores = cores;
        this.library = library;
        this.gpus = gpus;
        this.cuda = cuda;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String version() {
        var loaded = engine();
        return loaded == null ? "unknown" : loaded.version();
    }

    @Override
    public synchronized Optional<String> unavailable() {
        engine();
        return Optional.ofNullable(failure);
    }

    @Override
    public Optional<Gpus> gpus() {
        return Optional.of(gpus);
    }

    @Override
    public BackendModel open(ModelSource source) throws LoadException {
        var loaded = engine();
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
        var available = loaded.availableProviders();
        SessionSettings.check(source.config(), available);
        var devices = Devices.of(source.config(), available);
        var threads = Threads.of(source.config(), source.instances(), cores);
        try {
            return OnnxModel.open(loaded, file, threads, devices, source, gpus, cuda);
        } catch (OrtRefusal refused) {
            throw new LoadException(
                    "ONNX Runtime cannot load " + file.getFileName() + " of '" + source.model() + "' version "
                            + source.version() + ": " + refused.said(),
                    refused);
        }
    }

    private synchronized @Nullable OnnxRuntime engine() {
        if (engine == null && failure == null) {
            try {
                engine = library.get();
            } catch (RuntimeException
                    | UnsatisfiedLinkError
                    | NoClassDefFoundError
                    | ExceptionInInitializerError missing) {
                failure = missing.getMessage() == null ? missing.toString() : missing.getMessage();
            }
        }
        return engine;
    }
}
