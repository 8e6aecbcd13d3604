package io.shusuan.agent;

import io.shusuan.agent.backend.tensorrt.EngineKeeper;
import io.shusuan.agent.backend.tensorrt.TensorRtBackend;
import io.shusuan.agent.engine.build.EngineCache;
import io.shusuan.agent.engine.build.KeptEngine;
import io.shusuan.agent.engine.command.EngineProcess;
import io.shusuan.agent.node.GpuReport;
import io.shusuan.agent.repository.ModelFolders;
import io.shusuan.agent.repository.ModelLoader;
import io.shusuan.agent.repository.ModelsOnDisk;
import io.shusuan.agent.repository.RepositoryWatch;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Keeps the engines of repositories built, on a thread of its own: when a file changes, and from time to time. */
final class NodeEngines implements Supplier<List<KeptEngine>>, AutoCloseable {
    private static final Logger log = System.getLogger(NodeEngines.class.getName());

    private final ModelsOnDisk models;
    private final List<Path> repositories;
    private final Duration interval;
    private final EngineKeeper keeper;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("node-engines").unstarted(this::run);

    private NodeEngines(ModelsOnDisk models, List<Path> repositories, Duration interval, EngineKeeper keeper) {
        this.models = models;
        this.repositories = repositories;
        this.interval = interval;
        this.keeper = keeper;
    }

    /** Empty where nothing is to be built. */
    static Optional<NodeEngines> of(Options options, ModelLoader loader, Supplier<GpuReport> gpus) {
        return options.node()
                .filter(node -> !node.buildFor().isEmpty())
                .map(node -> new NodeEngines(
                        new ModelsOnDisk(new ModelFolders(node.buildFor(), options.modelNamespacing()), loader),
                        node.buildFor(),
                        options.pollInterval(),
                        keeper(options.engineCache().orElseThrow(), gpus)));
    }

    private static EngineKeeper keeper(EngineCache cache, Supplier<GpuReport> gpus) {
        return new EngineKeeper(
                new TensorRtBackend(), cache, EngineProcess.ofThisAgent(Main.class), gpus, Clock.systemUTC());
    }

    void begin() {
        thread.start();
    }

    private void run() {
        try (var watch = new RepositoryWatch(repositories, interval)) {
            while (true) {
                look();
                watch.await();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() throws InterruptedException {
        try {
            keeper.look(models.of(TensorRtBackend.NAME));
        } catch (IOException unreadable) {
            log.log(
                    Level.WARNING,
                    "the models to build engines for cannot be read, all engines stay as they are: {0}",
                    unreadable.toString());
        }
    }

    @Override
    public List<KeptEngine> get() {
        return keeper.get();
    }

    @Override
    public void close() {
        thread.interrupt();
        keeper.close();
    }
}
