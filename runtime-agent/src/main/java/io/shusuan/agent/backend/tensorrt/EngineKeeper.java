package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelFiles;
import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.build.BuiltEngine;
import io.shusuan.agent.engine.build.EngineBuild;
import io.shusuan.agent.engine.build.EngineCache;
import io.shusuan.agent.engine.build.KeptEngine;
import io.shusuan.agent.engine.build.KeptEngine.State;
import io.shusuan.agent.engine.build.Platform;
import io.shusuan.agent.engine.command.EngineProcess;
import io.shusuan.agent.engine.command.EngineProcess.Running;
import io.shusuan.agent.node.GpuDescription;
import io.shusuan.agent.node.GpuReport;
import io.shusuan.agent.node.GpuStatus;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the engines built that models need on this node's GPUs, so that an agent that comes to serve one finds it in the cache. It builds
 * one after the other, each on a GPU that nobody else is on, and gives way when somebody comes.
 */
public final class EngineKeeper implements Supplier<List<KeptEngine>>, AutoCloseable {
    private static final Logger log = System.getLogger(EngineKeeper.class.getName());

    /** What has been settled is looked at again so late: to read a large model and its engine takes seconds. */
    private static final Duration SETTLED = Duration.ofHours(1);

    private static final Duration GUARD = Duration.ofSeconds(1);

    /** With it a process sees that GPU alone, as number 0: NVML and CUDA do not count alike. */
    private static final String VISIBLE_GPUS = "CUDA_VISIBLE_DEVICES";

    private static final int ONLY = 0;

    private final TensorRtBackend backend;
    private final EngineCache cache;
    private final EngineProcess process;
    private final Supplier<GpuReport> gpus;
    private final InstantSource clock;
    private final Map<Wanted, Kept> kept = new LinkedHashMap<>();
    private volatile List<KeptEngine> shown = List.of();
    private volatile @Nullable Running running;
    private volatile boolean closed;
    private String said = "";

    public EngineKeeper(
            TensorRtBackend backend,
            EngineCache cache,
            EngineProcess process,
            Supplier<GpuReport> gpus,
            InstantSource clock) {
        this.backend = backend;
        this.cache = cache;
        this.process = process;
        this.gpus = gpus;
        this.clock = clock;
    }

    private record Wanted(String model, long version, String architecture) {}

    /**
     * What is known of an engine, from files with that stamp.
     *
     * @param build none, if the model cannot be built at all
     */
    private record Kept(String stamp, Optional<EngineBuild> build, State state, String reason, Instant lookAgain) {}

    /** What was seen at the last look. */
    @Override
    public List<KeptEngine> get() {
        return shown;
    }

    /** Brings the cache to what these models need: returns when all is built for which there is a GPU now. */
    public void look(List<ModelFiles> models) throws InterruptedException {
        var calls = backend.load();
        var platforms = calls == null ? List.<Platform>of() : platforms(calls.versions());
        say(
                calls == null
                        ? "TensorRT is not available here: "
                                + backend.unavailable().orElse("unknown reason")
                        : platforms.isEmpty() ? "there is no GPU" : "");
        var wanted = new LinkedHashMap<Wanted, ModelFiles>();
        for (var files : models) {
            if (ServeWhileBuilding.hasOnnx(files.source())) {
                for (var platform : platforms) {
                    var source = files.source();
                    wanted.put(new Wanted(source.model(), source.version(), platform.architecture()), files);
                }
            }
        }
        kept.keySet().retainAll(wanted.keySet());
        show();
        for (var each : wanted.entrySet()) {
            var platform = platforms.stream()
                    .filter(one -> one.architecture().equals(each.getKey().architecture()))
                    .findFirst()
                    .orElseThrow();
            look(each.getKey(), each.getValue(), platform);
        }
    }

    private static List<Platform> platforms(Versions versions) {
        return versions.gpus().stream()
                .map(gpu -> new Platform(versions.tensorRt(), gpu.architecture()))
                .distinct()
                .toList();
    }

    private void look(Wanted wanted, ModelFiles files, Platform platform) throws InterruptedException {
        var known = kept.get(wanted);
        if (known == null || !known.stamp().equals(files.stamp()) || isDue(known)) {
            known = settle(files, platform);
            put(wanted, known);
        } else if (known.state() == State.WAITING) {
            known = awaited(known);
            put(wanted, known);
        }
        if (known.state() == State.WAITING) {
            build(wanted, known);
        }
    }

    /** An engine that has gone to make room is not built again at once: there is more to keep than there is room. */
    private boolean isDue(Kept known) {
        return known.state() != State.WAITING && !clock.instant().isBefore(known.lookAgain());
    }

    private Kept settle(ModelFiles files, Platform platform) {
        try {
            var build = EngineBuild.prepare(ServeWhileBuilding.request(files.source(), ONLY), platform);
            return found(files.stamp(), build);
        } catch (LoadException refused) {
            return kept(files.stamp(), Optional.empty(), State.FAILED, refused.text());
        } catch (EngineException refused) {
            return kept(files.stamp(), Optional.empty(), State.FAILED, refused.fault() + ": " + refused.text());
        }
    }

    private Kept found(String stamp, EngineBuild build) throws EngineException {
        var engine = cache.fetch(build.key());
        if (engine.isEmpty()) {
            return kept(stamp, Optional.of(build), State.WAITING, "no GPU is free");
        }
        var rejection = engine.flatMap(BuiltEngine::rejection);
        return kept(
                stamp, Optional.of(build), rejection.isPresent() ? State.REJECTED : State.READY, rejection.orElse(""));
    }

    /** Another node may have built it meanwhile. */
    private Kept awaited(Kept known) {
        try {
            var found = found(known.stamp(), known.build().orElseThrow());
            return found.state() == State.WAITING ? known : found;
        } catch (EngineException unreadable) {
            return as(known, State.FAILED, unreadable.text());
        }
    }

    private Kept kept(String stamp, Optional<EngineBuild> build, State state, String reason) {
        return new Kept(stamp, build, state, reason, clock.instant().plus(SETTLED));
    }

    /** The same engine, as it stands now. */
    private Kept as(Kept known, State state, String reason) {
        return kept(known.stamp(), known.build(), state, reason);
    }

    private void build(Wanted wanted, Kept known) throws InterruptedException {
        var build = known.build().orElseThrow();
        var gpu = free(wanted.architecture());
        if (gpu.isEmpty()) {
            return;
        }
        put(wanted, as(known, State.BUILDING, ""));
        log.log(
                Level.INFO,
                "the engine of {0} version {1} for {2} is being built on GPU {3}",
                wanted.model(),
                Long.toString(wanted.version()),
                wanted.architecture(),
                gpu.get().uuid());
        var after = built(known, build, gpu.get());
        put(wanted, after);
        log.log(
                after.state() == State.FAILED ? Level.WARNING : Level.INFO,
                "the engine of {0} version {1} for {2}: {3} {4}",
                wanted.model(),
                Long.toString(wanted.version()),
                wanted.architecture(),
                after.state(),
                after.reason());
    }

    private Kept built(Kept known, EngineBuild build, GpuDescription gpu) throws InterruptedException {
        var gaveWay = new AtomicBoolean();
        try (var begun = process.start(build.words(cache), Map.of(VISIBLE_GPUS, gpu.uuid()))) {
            running = begun;
            if (closed) {
                throw new InterruptedException("closed");
            }
            var guard = Thread.ofVirtual().start(() -> guard(begun, gpu, gaveWay));
            var ending = begun.ending();
            guard.interrupt();
            if (gaveWay.get()) {
                return as(known, State.WAITING, "gave way to who came to its GPU");
            }
            var found = found(known.stamp(), build);
            return found.state() == State.WAITING ? as(known, State.FAILED, ending.said()) : found;
        } catch (IOException | EngineException failed) {
            return as(known, State.FAILED, String.valueOf(failed.getMessage()));
        } finally {
            running = null;
        }
    }

    private void guard(Running begun, GpuDescription gpu, AtomicBoolean gaveWay) {
        try {
            while (begun.process().isAlive()) {
                Thread.sleep(GUARD);
                if (status(gpu).filter(now -> isTaken(now, begun::owns)).isPresent()) {
                    gaveWay.set(true);
                    begun.close();
                }
            }
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<GpuStatus> status(GpuDescription gpu) {
        return gpus.get().gpus().stream()
                .filter(status -> status.gpu().uuid().equals(gpu.uuid()))
                .findFirst();
    }

    private static boolean isTaken(GpuStatus status, Predicate<Long> isOurs) {
        return status.processes().stream().anyMatch(occupant -> !isOurs.test((long) occupant.pid()));
    }

    /** A GPU on which nothing runs. Of one that is cut in pieces nobody can say whose they are. */
    private Optional<GpuDescription> free(String architecture) {
        return gpus.get().gpus().stream()
                .filter(status -> status.sample().isPresent()
                        && status.faults().isEmpty()
                        && !status.gpu().migEnabled()
                        && !isTaken(status, pid -> false))
                .map(GpuStatus::gpu)
                .filter(gpu -> Versions.architecture(gpu.computeCapability()).equals(architecture))
                .findFirst();
    }

    private void put(Wanted wanted, Kept now) {
        kept.put(wanted, now);
        show();
    }

    private void show() {
        var all = new ArrayList<KeptEngine>();
        kept.forEach((wanted, now) -> all.add(
                new KeptEngine(wanted.model(), wanted.version(), wanted.architecture(), now.state(), now.reason())));
        shown = List.copyOf(all);
    }

    private void say(String problem) {
        if (!problem.equals(said)) {
            said = problem;
            log.log(
                    problem.isEmpty() ? Level.INFO : Level.WARNING,
                    problem.isEmpty() ? "engines are built here" : "no engines are built: " + problem);
        }
    }

    /** Ends the build that is on its way. */
    @Override
    public void close() {
        closed = true;
        var begun = running;
        if (begun != null) {
            begun.close();
        }
    }
}
