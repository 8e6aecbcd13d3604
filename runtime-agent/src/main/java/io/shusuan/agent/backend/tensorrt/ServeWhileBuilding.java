package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.Backend;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.backend.StandIn;
import io.shusuan.agent.backend.StandIn.State;
import io.shusuan.agent.config.ShapeTensorRules;
import io.shusuan.agent.config.proto.ModelInstanceGroup;
import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.build.BuildRequest;
import io.shusuan.agent.engine.build.BuiltEngine;
import io.shusuan.agent.engine.build.EngineBuild;
import io.shusuan.agent.engine.build.EngineCache;
import io.shusuan.agent.engine.build.ExpectedShapes;
import io.shusuan.agent.engine.build.PlanMaker;
import io.shusuan.agent.engine.command.EngineProcess;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/**
 * Finds or builds the engine of a model that has an ONNX file. Until it is there, and has passed its gates, another backend answers.
 * Builds run one after the other.
 */
final class ServeWhileBuilding {
    private static final Logger log = System.getLogger(ServeWhileBuilding.class.getName());
    private static final String ONNX = "model.onnx";
    private static final String ANSWERS = "ONNX Runtime answers: ";

    /** Opens a plan for a model. */
    interface Plans {
        BackendModel open(Path plan) throws LoadException;
    }

    private final Backend onnxRuntime;
    private final EngineCache cache;
    private final EngineProcess process;
    private final ExecutorService builds = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("engine-builds").factory());
    /** An engine that others have built need not wait for those that are built here. */
    private final ExecutorService fetches = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("engine-fetch-", 0).factory());

    ServeWhileBuilding(Backend onnxRuntime, EngineCache cache, EngineProcess process) {
        this.onnxRuntime = onnxRuntime;
        this.cache = cache;
        this.process = process;
    }

    static boolean hasOnnx(ModelSource source) {
        return Files.isRegularFile(source.folder().resolve(ONNX));
    }

    /** The engine when it was built before, else what answers until it is. */
    BackendModel open(ModelSource source, Placement placement, PlanMaker maker, Plans plans) throws LoadException {
        try {
            var request = request(source, placement.gpus().getFirst());
            var build = EngineBuild.prepare(request, maker.platform(request.gpu()));
            var engine = cache.find(build.key());
            if (engine.isEmpty()) {
                return building(source, build, plans);
            }
            return engine.get().rejection().isPresent()
                    ? instead(source, build.largestBatch(), new StandIn(State.REJECTED, rejection(engine.get())))
                    : built(source, build, engine.get(), plans);
        } catch (EngineException failed) {
            return instead(source, State.FAILED, "no engine can be built: " + failed.fault() + ": " + failed.text());
        }
    }

    private BackendModel built(ModelSource source, EngineBuild build, BuiltEngine engine, Plans plans)
            throws LoadException, EngineException {
        try {
            return plans.open(engine.plan());
        } catch (LoadException unfit) {
            if (!PlanFault.isMendedByBuilding(unfit)) {
                throw unfit;
            }
            log.log(Level.WARNING, "the engine of {0} is built anew: {1}", source.model(), unfit.text());
            cache.discard(build.key());
            return building(source, build, plans);
        }
    }

    static BuildRequest request(ModelSource source, int gpu) throws LoadException {
        return new BuildRequest(
                source.folder().resolve(ONNX),
                existing(source.folder().resolve("original.onnx")),
                existing(source.folder().resolve("samples.npz"))
                        .or(() -> existing(source.folder().resolveSibling("samples.npz"))),
                gpu,
                BuildParameters.of(source.config()),
                ExpectedShapes.of(source.config()));
    }

    private static Optional<Path> existing(Path file) {
        return Stream.of(file).filter(Files::isRegularFile).findFirst();
    }

    private BackendModel building(ModelSource source, EngineBuild build, Plans plans) throws LoadException {
        var state = new StandIn(State.BUILDING, ANSWERS + "TensorRT's engine is being built");
        var onnx = onnx(source);
        var pending = CompletableFuture.supplyAsync(() -> fetched(source, build, plans, state), fetches)
                .thenAcceptAsync(fetched -> buildUnless(fetched, source, build, plans, state), builds);
        return new StandInModel(
                onnx,
                build.largestBatch(),
                ShapeTensorRules.names(source.config()),
                state,
                () -> pending.cancel(false));
    }

    /** What answers where no engine will be. */
    BackendModel instead(ModelSource source, State how, String why) throws LoadException {
        return instead(source, Integer.MAX_VALUE, new StandIn(how, ANSWERS + why));
    }

    private BackendModel instead(ModelSource source, int largestBatch, StandIn state) throws LoadException {
        tell(source, state);
        return new StandInModel(onnx(source), largestBatch, ShapeTensorRules.names(source.config()), state, () -> {});
    }

    private BackendModel onnx(ModelSource source) throws LoadException {
        var config = source.config().toBuilder().clearParameters().setDefaultModelFilename(ONNX);
        // the GPU is left to the build
        config.getInstanceGroupBuilderList()
                .forEach(
                        group -> group.setKind(ModelInstanceGroup.Kind.KIND_CPU).clearGpus());
        return onnxRuntime.open(
                new ModelSource(source.model(), source.version(), source.folder(), config.build(), source.instances()));
    }

    private static String rejection(BuiltEngine engine) {
        return ANSWERS + "the engine was rejected: " + engine.rejection().orElse("") + " (" + engine.report() + ")";
    }

    /** Whether others have built it. */
    private boolean fetched(ModelSource source, EngineBuild build, Plans plans, StandIn state) {
        try {
            var engine = cache.fetch(build.key());
            if (engine.isEmpty()) {
                return false;
            }
            if (engine.get().rejection().isPresent()) {
                state.ends(State.REJECTED, rejection(engine.get()));
                tell(source, state);
            } else {
                state.ready(() -> openFetched(engine.get(), source, build, plans, state));
            }
            return true;
        } catch (EngineException failed) {
            log.log(Level.WARNING, "{0}; an engine of {1} is built instead", failed.text(), source.model());
            return false;
        }
    }

    /** One that does not fit here is built after all. */
    private BackendModel openFetched(
            BuiltEngine engine, ModelSource source, EngineBuild build, Plans plans, StandIn state)
            throws LoadException {
        try {
            return plans.open(engine.plan());
        } catch (LoadException unfit) {
            if (!PlanFault.isMendedByBuilding(unfit)) {
                throw unfit;
            }
            builds.execute(() -> buildAnew(source, build, plans, state));
            throw new LoadException(unfit.text() + "; it is built anew");
        }
    }

    private void buildAnew(ModelSource source, EngineBuild build, Plans plans, StandIn state) {
        try {
            cache.discard(build.key());
            build(source, build, plans, state);
        } catch (EngineException failed) {
            log.log(Level.WARNING, "the engine of {0} is not built anew: {1}", source.model(), failed.text());
        }
    }

    private void buildUnless(boolean fetched, ModelSource source, EngineBuild build, Plans plans, StandIn state) {
        if (!fetched) {
            build(source, build, plans, state);
        }
    }

    private void build(ModelSource source, EngineBuild build, Plans plans, StandIn state) {
        log.log(
                Level.INFO,
                "an engine of {0} version {1} is being built",
                source.model(),
                Long.toString(source.version()));
        try {
            var ending = process.run(build.words(cache));
            var engine = cache.find(build.key());
            if (ending.code() == EngineProcess.ACCEPTED && engine.isPresent()) {
                state.ready(() -> plans.open(engine.get().plan()));
            } else if (ending.code() == EngineProcess.REJECTED && engine.isPresent()) {
                state.ends(State.REJECTED, rejection(engine.get()));
            } else {
                state.ends(State.FAILED, ANSWERS + "no engine could be built: " + ending.said());
            }
        } catch (IOException | EngineException failed) {
            state.ends(State.FAILED, ANSWERS + "no engine could be built: " + failed.getMessage());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        if (state.state() != State.BUILDING) {
            tell(source, state);
        }
    }

    private static void tell(ModelSource source, StandIn state) {
        log.log(
                Level.WARNING,
                "model {0} version {1}: {2}",
                source.model(),
                Long.toString(source.version()),
                state.reason());
    }
}
