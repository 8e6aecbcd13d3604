package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.Backend;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.engine.build.PlanMaker;
import java.nio.file.Files;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * TensorRT on NVIDIA's GPUs. The libraries are looked for when they are first needed, so an agent without such models never pays for
 * them and a machine without a GPU still starts.
 */
public final class TensorRtBackend implements Backend {
    public static final String NAME = "tensorrt";

    private final Libraries libraries;
    private final Gpus gpus = new Gpus();
    private @Nullable NativeCalls calls;
    private @Nullable Versions versions;
    private @Nullable String failure;

    public TensorRtBackend() {
        this(JniCalls::load);
    }

    TensorRtBackend(Libraries libraries) {
        this.libraries = libraries;
    }

    /** Where the native calls come from. */
    interface Libraries {
        NativeCalls load() throws UnavailableException;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public synchronized String version() {
        load();
        return versions == null ? "unknown" : versions.toString();
    }

    @Override
    public synchronized Optional<String> unavailable() {
        load();
        return failure == null ? gpus.anyLost() : Optional.of(failure);
    }

    @Override
    public BackendModel open(ModelSource source) throws LoadException {
        var loaded = load();
        if (loaded == null) {
            throw new LoadException("'" + source.model() + "' needs TensorRT, which is not available here: "
                    + unavailable().orElse("unknown reason"));
        }
        var fileName = source.config().getDefaultModelFilename();
        var file = source.folder().resolve(fileName.isEmpty() ? "model.plan" : fileName);
        if (!Files.isRegularFile(file)) {
            throw new LoadException("version " + source.version() + " of '" + source.model() + "' has no file "
                    + file.getFileName() + " in " + source.folder());
        }
        var placement = Placement.of(source.config(), loaded.versions().gpus());
        return TensorRtModel.open(loaded, gpus, file, placement, source);
    }

    /** What makes plans here. */
    public PlanMaker builds() {
        return new PlanBuilds(this, gpus);
    }

    synchronized @Nullable NativeCalls load() {
        if (calls == null && failure == null) {
            try {
                var loaded = libraries.load();
                versions = loaded.versions();
                calls = loaded;
            } catch (UnavailableException | NativeException missing) {
                failure = missing.getMessage();
            } catch (UnsatisfiedLinkError | NoClassDefFoundError | ExceptionInInitializerError missing) {
                failure = missing.toString();
            }
        }
        return calls;
    }
}
