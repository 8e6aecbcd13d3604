package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.gpu.Gpus;
import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.build.BuildSettings;
import io.shusuan.agent.engine.build.EnqueueLoad;
import io.shusuan.agent.engine.build.EnqueueRates;
import io.shusuan.agent.engine.build.PlanMaker;
import io.shusuan.agent.engine.build.Platform;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** Makes plans with the TensorRT of this machine. */
final class PlanBuilds implements PlanMaker {
    private static final long PIECE = 1L << 30;

    private final TensorRtBackend backend;
    private final Gpus gpus;

    PlanBuilds(TensorRtBackend backend, Gpus gpus) {
        this.backend = backend;
        this.gpus = gpus;
    }

    private NativeCalls calls() throws EngineException {
        var calls = backend.load();
        if (calls == null) {
            throw new EngineException(
                    Fault.NOT_AVAILABLE,
                    "TensorRT is not available here: " + backend.unavailable().orElse("unknown reason"));
        }
        return calls;
    }

    @Override
    public Platform platform(int gpu) throws EngineException {
        var versions = calls().versions();
        var architecture = versions.gpus().stream()
                .filter(one -> one.number() == gpu)
                .map(Versions.Gpu::architecture)
                .findFirst()
                .orElseThrow(() -> new EngineException(
                        Fault.NOT_AVAILABLE,
                        "there is no GPU " + gpu + "; this machine has "
                                + versions.gpus().stream()
                                        .map(Versions.Gpu::number)
                                        .toList()));
        return new Platform(versions.tensorRt(), architecture);
    }

    @Override
    public void build(Order order) throws EngineException {
        var calls = calls();
        try (var memory = Arena.ofConfined()) {
            calls.useGpu(order.gpu());
            try (var built = calls.builder().build(order.onnx(), order.settings(), timings(order, memory))) {
                write(built.plan(), order.plan());
                keepTimings(built.timings(), order.timings());
            }
        } catch (UnavailableException missing) {
            throw new EngineException(
                    Fault.NOT_AVAILABLE, "TensorRT cannot build here: " + missing.getMessage(), missing);
        } catch (OnnxRefusedException refused) {
            throw new EngineException(
                    refused.isUnsupported() ? Fault.UNSUPPORTED_NODE : Fault.NOT_BUILDABLE,
                    "TensorRT does not take the model: " + refused.getMessage(),
                    refused);
        } catch (IllegalArgumentException noValues) {
            throw new EngineException(
                    Fault.PROFILE_MISMATCH, Objects.requireNonNullElse(noValues.getMessage(), ""), noValues);
        } catch (NativeException failed) {
            gpus.failed(order.gpu(), failed);
            throw new EngineException(
                    Fault.NOT_BUILDABLE, "TensorRT cannot make an engine of the model: " + failed.text(), failed);
        } catch (IOException unwritable) {
            throw new EngineException(Fault.UNWRITABLE, "the plan cannot be written: " + unwritable, unwritable);
        }
    }

    private static MemorySegment timings(Order order, Arena memory) throws IOException {
        if (!Files.exists(order.timings())) {
            return MemorySegment.NULL;
        }
        try (var channel = FileChannel.open(order.timings())) {
            return channel.map(MapMode.READ_ONLY, 0, channel.size(), memory);
        }
    }

    /** The last build's are kept: what another one learnt at the same time is measured again some time. */
    private static void keepTimings(MemorySegment timings, Path file) throws IOException {
        var fresh = Files.createTempFile(file.getParent(), ".timings-", "");
        try {
            write(timings, fresh);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private static void write(MemorySegment bytes, Path file) throws IOException {
        try (var channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            for (long at = 0; at < bytes.byteSize(); at += PIECE) {
                var piece = bytes.asSlice(at, Math.min(PIECE, bytes.byteSize() - at))
                        .asByteBuffer();
                while (piece.hasRemaining()) {
                    channel.write(piece);
                }
            }
        }
    }

    @Override
    public OpenPlan open(Path plan, int gpu, BuildSettings settings) throws EngineException {
        try {
            return PlanRun.open(calls(), gpus, plan, gpu, settings.versionCompatible());
        } catch (LoadException refused) {
            throw new EngineException(
                    Fault.NOT_BUILDABLE, "the engine that was built cannot be run: " + refused.text(), refused);
        }
    }

    @Override
    public EnqueueRates enqueue(Path plan, EnqueueLoad load) throws EngineException {
        platform(load.gpu());
        try {
            return EnqueueLoop.measure(calls(), gpus, plan, load);
        } catch (LoadException refused) {
            throw new EngineException(Fault.NOT_BUILDABLE, refused.text(), refused);
        } catch (NativeException failed) {
            gpus.failed(load.gpu(), failed);
            throw new EngineException(Fault.NOT_BUILDABLE, "the plan fails to run: " + failed.text(), failed);
        }
    }
}
