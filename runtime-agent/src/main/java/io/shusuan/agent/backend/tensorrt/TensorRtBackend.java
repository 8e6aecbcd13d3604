package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.Backend;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.backend.StandIn;
import io.shusuan.agent.backend.gpu.Gpus;
import io.shusuan.agent.engine.build.EngineCache;
import io.shusuan.agent.engine.build.PlanMaker;
import io.shusuan.agent.engine.command.EngineProcess;
import io.shusuan.agent.inference.DeviceMemory;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * TensorRT on NVIDIA's GPUs. The libraries are looked for when they are first needed, so an agent without such models never pays for
 * them and a machine without a GPU still starts.
 */
public final class TensorRtBackend implements Backend {
    public static final String NAME = "tensorrt";

    private static final Logger log = System.getLogger(TensorRtBackend.class.getName());

    private final Libraries libraries;
    private final Gpus gpus;
    private final PluginLibraries plugins;
    private final @Nullable ServeWhileBuilding building;
    private @Nullable NativeCalls calls;
    private @Nullable Versions versions;
    private @Nullable String failure;

    /** Serves plans, and builds none; models may take as much of a GPU as is usual, and have no plugins. */
    public TensorRtBackend() {
        this(new Gpus(), PluginLibraries.NONE);
    }

    /**
     * Serves plans, and builds none.
     *
     * @param gpus shared with the other engines that run on them
     */
    public TensorRtBackend(Gpus gpus, PluginLibraries plugins) {
        this(JniCalls::load, gpus, plugins, null);
    }

    /**
     * Builds the engines of models that have an ONNX file, too.
     *
     * @param onnxRuntime what answers meanwhile
     * @param command the class of the agent's command, which builds in a process of its own
     */
    public TensorRtBackend(
            Gpus gpus, PluginLibraries plugins, Backend onnxRuntime, EngineCache cache, Class<?> command) {
        this(
                JniCalls::load,
                gpus,
                plugins,
                new ServeWhileBuilding(onnxRuntime, cache, EngineProcess.ofThisAgent(command)));
    }

    TensorRtBackend(Libraries libraries) {
        this(libraries, new Gpus(), PluginLibraries.NONE, null);
    }

    TensorRtBackend(Libraries libraries, Gpus gpus, PluginLibraries plugins, @Nullable ServeWhileBuilding building) {
        this.libraries = libraries;
        this.gpus = gpus;
        this.plugins = plugins;
        this.building = building;
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
        return versions == null ? "unknown" : versions + plugins.told();
    }

    @Override
    public synchronized Optional<String> unavailable() {
        load();
        return failure == null ? gpus.lost().values().stream().findFirst() : Optional.of(failure);
    }

    @Override
    public Optional<Gpus> gpus() {
        return Optional.of(gpus);
    }

    @Override
    public Optional<DeviceMemory> openDeviceMemory(int gpu, byte[] handle, long bytes) {
        var loaded = load();
        return loaded == null
                ? Optional.empty()
                : Optional.of(SharedDeviceMemory.open(loaded, gpus, gpu, handle, bytes));
    }

    @Override
    public BackendModel open(ModelSource source) throws LoadException {
        var loaded = load();
        var builds = ServeWhileBuilding.hasOnnx(source) ? building : null;
        if (loaded == null) {
            var why = "TensorRT, which is not available here: " + unavailable().orElse("unknown reason");
            if (builds == null) {
                throw new LoadException("'" + source.model() + "' needs " + why);
            }
            BuildParameters.of(source.config());
            return builds.instead(source, StandIn.State.FAILED, "the model needs " + why);
        }
        var placement = Placement.of(source.config(), loaded.versions().gpus());
        plugins.load(
                loaded, source.model(), ServingParameters.of(source.config()).plugins());
        ServeWhileBuilding.Plans plans = plan -> TensorRtModel.open(loaded, gpus, plan, placement, source);
        var fileName = source.config().getDefaultModelFilename();
        var file = source.folder().resolve(fileName.isEmpty() ? "model.plan" : fileName);
        if (Files.isRegularFile(file)) {
            return given(source, file, placement, builds, plans);
        }
        if (builds == null) {
            throw new LoadException("version " + source.version() + " of '" + source.model() + "' has no file "
                    + file.getFileName() + " in " + source.folder());
        }
        return builds.open(source, placement, builds(), plans);
    }

    /** A plan that lies in the repository; where it does not fit, and its ONNX file is there, a new one is built. */
    private BackendModel given(
            ModelSource source,
            Path file,
            Placement placement,
            @Nullable ServeWhileBuilding builds,
            ServeWhileBuilding.Plans plans)
            throws LoadException {
        try {
            return plans.open(file);
        } catch (LoadException unfit) {
            if (builds == null || !PlanFault.isMendedByBuilding(unfit)) {
                throw unfit;
            }
            log.log(Level.WARNING, "{0}; an engine is built from its ONNX file", unfit.text());
            return builds.open(source, placement, builds(), plans);
        }
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
                failure = plugins.loadAlways(loaded).orElse(null);
                calls = failure == null ? loaded : null;
            } catch (UnavailableException | NativeException missing) {
                failure = missing.getMessage();
            } catch (UnsatisfiedLinkError | NoClassDefFoundError | ExceptionInInitializerError missing) {
                failure = missing.toString();
            }
        }
        return calls;
    }
}
