package io.shusuan.agent.backend.onnxruntime;

import io.shusuan.agent.backend.GpuMemory;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.backend.gpu.Gpus;
import io.shusuan.agent.backend.gpu.MemoryBudget.Share;
import io.shusuan.agent.engine.Folders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The GPUs of a model's instances: each one's share of the memory there, and whether it is lost. Nothing of it where all run on the processor. */
final class SessionGpus {
    private final Devices devices;
    private final Gpus gpus;
    private final CudaMemory cuda;
    private final long weights;
    /** By instance; none for the processor. */
    private final List<@Nullable Share> shares = new ArrayList<>();

    private SessionGpus(Devices devices, Gpus gpus, CudaMemory cuda, long weights) {
        this.devices = devices;
        this.gpus = gpus;
        this.cuda = cuda;
        this.weights = weights;
    }

    /**
     * Takes the shares of all instances before a session is made: what does not fit is refused while all that is served stays.
     */
    static SessionGpus take(Devices devices, Path file, ModelSource source, Gpus gpus, CudaMemory cuda)
            throws LoadException {
        var taken = new SessionGpus(devices, gpus, cuda, devices.onProcessor() ? 0 : bytes(file));
        boolean complete = false;
        try {
            for (var gpu : devices.gpus()) {
                taken.shares.add(gpu.isPresent() ? taken.share(gpu.getAsInt(), source) : null);
            }
            complete = true;
            return taken;
        } finally {
            if (!complete) {
                taken.giveBackAll();
            }
        }
    }

    private Share share(int gpu, ModelSource source) throws LoadException {
        var holder = "'" + source.model() + "' version " + source.version();
        var lost = gpus.lost(gpu);
        if (lost.isPresent()) {
            throw new LoadException(holder + " cannot run on GPU " + gpu + ": " + lost.get());
        }
        try {
            return gpus.memory().take(gpu, holder, devices.memory(weights), cuda.of(gpu));
        } catch (CudaFailure failed) {
            gpus.failed(gpu, failed);
            throw new LoadException(holder + " cannot run on GPU " + gpu + ": " + failed.text(), failed);
        }
    }

    /** The model's file, and what lies beside it: weights may. */
    private static long bytes(Path file) throws LoadException {
        try {
            return Folders.size(file.toAbsolutePath().resolveSibling(""));
        } catch (IOException unreadable) {
            throw new LoadException("the folder of " + file + " cannot be read: " + unreadable, unreadable);
        }
    }

    long weights() {
        return weights;
    }

    private OptionalInt gpu(int instance) {
        // where all instances share one session, none is on a GPU
        return devices.gpus().isEmpty() ? OptionalInt.empty() : devices.gpus().get(instance);
    }

    /** Throws when an instance can run no more. */
    void check(int instance) {
        gpu(instance).ifPresent(gpus::check);
    }

    /** Why an instance can run no more; empty when it can. */
    Optional<String> lost(int instance) {
        var gpu = gpu(instance);
        return gpu.isEmpty() ? Optional.empty() : gpus.lost(gpu.getAsInt());
    }

    /** Why no instance can run any more. */
    Optional<String> allLost() {
        Optional<String> why = Optional.empty();
        for (int i = 0; i < devices.gpus().size(); i++) {
            why = lost(i);
            if (why.isEmpty()) {
                return why;
            }
        }
        return why;
    }

    /**
     * Notes what a refusal means for the instance's GPU. Of errors in the libraries over CUDA the words do not tell; CUDA, when it is asked
     * something, does.
     */
    void failed(int instance, OrtRefusal refused) {
        var gpu = gpu(instance);
        if (gpu.isEmpty()) {
            return;
        }
        var told = CudaFailure.toldBy(refused);
        if (told.isSticky()) {
            gpus.failed(gpu.getAsInt(), told);
            return;
        }
        try {
            cuda.of(gpu.getAsInt());
        } catch (CudaFailure failed) {
            gpus.failed(gpu.getAsInt(), failed);
        }
    }

    List<GpuMemory> memory() {
        var all = new TreeMap<Integer, GpuMemory>();
        for (var share : shares) {
            if (share != null) {
                var told = share.told();
                all.merge(
                        told.gpu(),
                        told,
                        (one, other) -> new GpuMemory(one.gpu(), one.bytes() + other.bytes(), one.budget()));
            }
        }
        return List.copyOf(all.values());
    }

    /** After the session of that instance. */
    void giveBack(int instance) {
        var share = instance < shares.size() ? shares.get(instance) : null;
        if (share != null) {
            share.close();
        }
    }

    void giveBackAll() {
        for (int i = 0; i < shares.size(); i++) {
            giveBack(i);
        }
    }
}
