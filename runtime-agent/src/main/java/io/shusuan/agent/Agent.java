package io.shusuan.agent;

import io.shusuan.agent.GpuOptions.WhenLost;
import io.shusuan.agent.Options.ControlMode;
import io.shusuan.agent.backend.Backend;
import io.shusuan.agent.backend.gpu.Gpus;
import io.shusuan.agent.backend.gpu.MemoryBudget;
import io.shusuan.agent.backend.identity.IdentityBackend;
import io.shusuan.agent.backend.iterative.IterativeBackend;
import io.shusuan.agent.backend.onnxruntime.OnnxRuntimeBackend;
import io.shusuan.agent.backend.repeat.RepeatBackend;
import io.shusuan.agent.backend.sequence.SequenceBackend;
import io.shusuan.agent.backend.square.SquareBackend;
import io.shusuan.agent.backend.tensorrt.TensorRtBackend;
import io.shusuan.agent.conversion.Conversions;
import io.shusuan.agent.engine.build.EngineCache;
import io.shusuan.agent.engine.build.EngineUploads;
import io.shusuan.agent.engine.build.KeptEngine;
import io.shusuan.agent.engine.command.EngineProcess;
import io.shusuan.agent.explanation.Explanations;
import io.shusuan.agent.log.Log;
import io.shusuan.agent.metrics.MetricsText;
import io.shusuan.agent.metrics.ProcessMetrics;
import io.shusuan.agent.node.GpuWatch;
import io.shusuan.agent.node.SystemNvml;
import io.shusuan.agent.protocol.Limits;
import io.shusuan.agent.protocol.RepositoryControl;
import io.shusuan.agent.protocol.grpc.HealthGrpcService;
import io.shusuan.agent.protocol.grpc.InferenceGrpc;
import io.shusuan.agent.protocol.grpc.Readiness;
import io.shusuan.agent.protocol.grpc.transport.GrpcProtocol;
import io.shusuan.agent.protocol.grpc.transport.Route;
import io.shusuan.agent.protocol.http.ConversionRoutes;
import io.shusuan.agent.protocol.http.ExplanationRoute;
import io.shusuan.agent.protocol.http.ForwardedHeaders;
import io.shusuan.agent.protocol.http.GenerateRoute;
import io.shusuan.agent.protocol.http.HttpProtocol;
import io.shusuan.agent.protocol.http.InferRoute;
import io.shusuan.agent.protocol.http.InferenceHttp;
import io.shusuan.agent.protocol.http.MetricsHttp;
import io.shusuan.agent.protocol.http.ModelRoutes;
import io.shusuan.agent.protocol.http.RepositoryRoutes;
import io.shusuan.agent.protocol.http.ServerRoutes;
import io.shusuan.agent.protocol.http.SettingRoutes;
import io.shusuan.agent.protocol.http.SharedMemoryRoutes;
import io.shusuan.agent.protocol.sharedmemory.SharedMemory;
import io.shusuan.agent.report.Heartbeat;
import io.shusuan.agent.report.Reporter;
import io.shusuan.agent.repository.ConfigSource;
import io.shusuan.agent.repository.ModelControl;
import io.shusuan.agent.repository.ModelFolders;
import io.shusuan.agent.repository.ModelLoader;
import io.shusuan.agent.repository.Models;
import io.shusuan.agent.repository.RepositoryWatch;
import io.shusuan.agent.scheduling.QueuedBytes;
import io.shusuan.agent.scheduling.RateLimiter;
import io.shusuan.agent.scheduling.SchedulerSettings;
import io.shusuan.agent.scheduling.cache.ResponseCache;
import io.shusuan.agent.trace.Tracing;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The running agent: ports, models and the threads between them. */
public final class Agent implements AutoCloseable {
    private static final Logger logger = System.getLogger(Agent.class.getName());
    private static final String HTTP = "HTTP";
    private static final String GRPC = "gRPC";
    private static final String METRICS = "metrics";
    private static final Duration REPORT_INTERVAL = Duration.ofSeconds(5);

    private final Options options;
    private final List<Backend> backends;
    private final Ports ports;
    private final Models models;
    private final ModelControl modelControl;
    private final Readiness readiness = new Readiness(this::isReady);
    private final SharedMemory memory;
    private final Log log;
    private final Explanations explanations;
    private final Conversions conversions;
    private final Tracing tracing;
    private final Hardware hardware;
    private final Optional<NodeEngines> engines;
    private final Optional<EngineUploads> uploads;
    private final ProcessMetrics processMetrics = new ProcessMetrics();
    private @Nullable InetSocketAddress httpAddress;
    private @Nullable InetSocketAddress grpcAddress;
    private @Nullable InetSocketAddress metricsAddress;
    private @Nullable Reporter reporter;
    private @Nullable Thread poller;
    private volatile boolean closing;
    private final AtomicBoolean closed = new AtomicBoolean();
    /** Completed with the reason when the agent must end because a GPU is lost to it. */
    private final CompletableFuture<String> doom = new CompletableFuture<>();

    private Agent(Options options, List<Backend> backends, GpuWatch.Source gpus, Log log) {
        this.options = options;
        this.hardware = new Hardware(options.node(), gpus);
        this.log = log;
        this.backends = List.copyOf(backends);
        this.memory = new SharedMemory(
                options.allowSharedMemory(),
                (gpu, handle, bytes) -> backends.stream()
                        .flatMap(backend -> backend.openDeviceMemory(gpu, handle, bytes).stream())
                        .findFirst());
        this.ports = new Ports(options.maxConnections());
        var loader = new ModelLoader(
                backends,
                options.loading(),
                new ConfigSource(options.modelConfigName()),
                new SchedulerSettings(
                        options.maxQueueRequests(),
                        new QueuedBytes(options.maxQueueBytes()),
                        options.holdRequests(),
                        options.holdBacklog(),
                        options.rateLimits().map(RateLimiter::new),
                        options.cacheBytes().map(ResponseCache::new),
                        Clock.systemUTC()));
        this.tracing = new Tracing(options.trace());
        this.explanations = new Explanations(options.requestHistory(), Clock.systemUTC());
        this.models = new Models(
                new ModelFolders(options.repositories(), options.modelNamespacing()),
                explanations,
                readiness::mayHaveChanged);
        this.modelControl = new ModelControl(models, loader, options.exitTimeout());
        this.engines = NodeEngines.of(options, loader, hardware);
        this.uploads = options.engineCache().flatMap(EngineUploads::of);
        gpus().forEach(each -> each.whenLost(this::gpuLost));
        this.conversions = new Conversions(
                options.allowConversions() ? Optional.of(EngineProcess.ofThisAgent(Main.class)) : Optional.empty(),
                models::folder,
                Clock.systemUTC());
    }

    /** The engines this agent is built with. */
    public static List<Backend> backends() {
        return backends(Optional.empty(), GpuOptions.USUAL);
    }

    /** @param built where engines are kept that the agent builds; empty when it builds none */
    static List<Backend> backends(Optional<EngineCache> built, GpuOptions gpu) {
        var gpus = new Gpus(new MemoryBudget(gpu.limits()));
        var onnxRuntime = new OnnxRuntimeBackend(Runtime.getRuntime().availableProcessors(), gpus);
        return List.of(
                onnxRuntime,
                built.map(cache -> new TensorRtBackend(gpus, gpu.plugins(), onnxRuntime, cache, Main.class))
                        .orElseGet(() -> new TensorRtBackend(gpus, gpu.plugins())),
                new IdentityBackend(),
                new RepeatBackend(),
                new SquareBackend(),
                new SequenceBackend(),
                new IterativeBackend());
    }

    /** Those that an agent with these options has models for: a node agent has none. */
    static List<Backend> backends(Options options) {
        return options.node().isPresent() ? List.of() : backends(options.engineCache(), options.gpu());
    }

    /**
     * Loads the models, then opens the ports; returns when the agent is ready. Whoever can connect is answered: so a port that takes connections is
     * all that is asked of what serves.
     *
     * @throws StartException when a port is taken or, with {@code --exit-on-error}, a model cannot be loaded
     */
    public static Agent start(Options options, List<Backend> backends, Log log)
            throws StartException, InterruptedException {
        return start(options, backends, SystemNvml::open, log);
    }

    /** The same, with GPUs that come from somewhere else than the driver. */
    static Agent start(Options options, List<Backend> backends, GpuWatch.Source gpus, Log log)
            throws StartException, InterruptedException {
        var agent = new Agent(options, backends, gpus, log);
        boolean started = false;
        try {
            agent.requireFreePorts();
            agent.loadModels();
            agent.listen();
            agent.follow();
            agent.hardware.begin();
            agent.engines.ifPresent(NodeEngines::begin);
            agent.uploads.ifPresent(EngineUploads::begin);
            agent.report();
            started = true;
            return agent;
        } finally {
            if (!started) {
                agent.close();
            }
        }
    }

    /** The same, in a process whose log is somebody else's. */
    public static Agent start(Options options, List<Backend> backends) throws StartException, InterruptedException {
        return start(options, backends, Log.unopened(options.log()));
    }

    /** A port that is taken is told before models are loaded for minutes. */
    private void requireFreePorts() throws StartException {
        ports.requireFree(options.http(), HTTP);
        ports.requireFree(options.grpc(), GRPC);
        ports.requireFree(options.metrics(), METRICS);
    }

    private void listen() throws StartException, InterruptedException {
        var control = new RepositoryControl(models, modelControl, options.controlMode() == ControlMode.EXPLICIT);
        if (options.http().allowed()) {
            var forwarded = new ForwardedHeaders(options.httpForwarded());
            httpAddress = ports.open(
                    options.http(),
                    HTTP,
                    options.security().httpKeys(),
                    new HttpProtocol(
                            new InferenceHttp(
                                    options.security().http(),
                                    new ServerRoutes(options.name(), this::isReady),
                                    new ModelRoutes(models),
                                    new InferRoute(models, memory, forwarded, tracing, options.maxBodyBytes()),
                                    new GenerateRoute(models, forwarded, tracing, options.maxBodyBytes()),
                                    new RepositoryRoutes(control),
                                    new SharedMemoryRoutes(memory),
                                    new SettingRoutes(log, tracing, models),
                                    new ExplanationRoute(explanations),
                                    new ConversionRoutes(conversions),
                                    options.strict()),
                            limits()));
        }
        if (options.grpc().allowed()) {
            grpcAddress = ports.open(
                    options.grpc(),
                    GRPC,
                    options.security().grpcKeys(),
                    new GrpcProtocol(grpcRoutes(control), limits()));
        }
        if (options.metrics().allowed()) {
            metricsAddress = ports.open(
                    options.metrics(),
                    METRICS,
                    Optional.empty(),
                    new HttpProtocol(
                            new MetricsHttp(
                                    options.security().http().tokens(),
                                    new MetricsText(
                                            options.metricsChoice(),
                                            models,
                                            tracing::dropped,
                                            this::lostGpus,
                                            hardware,
                                            hardware.name(),
                                            this::keptEngines,
                                            options.engineCache().flatMap(EngineCache::bucket),
                                            processMetrics)),
                            limits()));
        }
    }

    private Limits limits() {
        return new Limits(
                options.maxBodyBytes(),
                options.maxConnections(),
                Math.max(4L * options.maxBodyBytes(), Runtime.getRuntime().maxMemory() / 2),
                options.stallTimeout());
    }

    private Map<String, Route> grpcRoutes(RepositoryControl control) {
        var access = options.security().grpc();
        var routes = new HashMap<String, Route>();
        routes.putAll(new InferenceGrpc(
                        options.name(), models, control, memory, log, tracing, this::isReady, options.grpcForwarded())
                .routes(access));
        routes.putAll(new HealthGrpcService(readiness).routes(access));
        return routes;
    }

    private void loadModels() throws StartException {
        Map<String, String> failures;
        try {
            failures = switch (options.controlMode()) {
                case NONE, POLL -> modelControl.loadAll();
                case EXPLICIT ->
                    options.loadModels().contains("*")
                            ? modelControl.loadAll()
                            : modelControl.load(options.loadModels());
            };
        } catch (IOException unreadable) {
            throw new StartException("the model repository cannot be read: " + unreadable);
        }
        if (!failures.isEmpty() && options.exitOnError()) {
            var all = new ArrayList<String>();
            failures.forEach((model, reason) -> all.add(model + " (" + reason + ")"));
            throw new StartException("cannot load " + String.join(", ", all)
                    + "; mend it, or start with --exit-on-error=false to serve the others");
        }
    }

    private void follow() {
        if (options.controlMode() == ControlMode.POLL) {
            poller = Thread.ofPlatform().daemon().name("repository-poll").start(this::poll);
        }
    }

    private void report() {
        options.report().ifPresent(where -> {
            var reporting = new Reporter(
                    where.url(),
                    where.token(),
                    REPORT_INTERVAL,
                    models,
                    backends,
                    new Heartbeat.Endpoints(
                            httpAddress().map(Ports::reachable),
                            grpcAddress().map(Ports::reachable),
                            metricsAddress().map(Ports::reachable)),
                    () -> hardware.node(keptEngines()),
                    System.getenv());
            reporter = reporting;
            reporting.start();
        });
    }

    private List<KeptEngine> keptEngines() {
        return engines.map(NodeEngines::get).orElse(List.of());
    }

    private void poll() {
        try (var watch = new RepositoryWatch(options.repositories(), options.pollInterval())) {
            while (!closing) {
                watch.await();
                look();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** A look that fails is followed by others: nobody else would notice what changes. */
    private void look() {
        try {
            modelControl.poll();
        } catch (RuntimeException fault) {
            logger.log(Level.ERROR, "the repository could not be followed this time", fault);
        }
    }

    private void gpuLost(String why) {
        if (options.gpu().whenLost() == WhenLost.EXIT) {
            doom.complete(why);
        }
        readiness.mayHaveChanged();
        var reporting = reporter;
        if (reporting != null) {
            reporting.hurry();
        }
    }

    /** Completed with the reason when the agent must end because a GPU is lost to it. Whoever runs it ends it. */
    CompletableFuture<String> doom() {
        return doom;
    }

    private Map<Integer, String> lostGpus() {
        var lost = new HashMap<Integer, String>();
        gpus().forEach(each -> lost.putAll(each.lost()));
        return lost;
    }

    /** Engines that run on the same GPUs share what they know of them. */
    private Stream<Gpus> gpus() {
        return backends.stream().flatMap(backend -> backend.gpus().stream()).distinct();
    }

    /** Whether every model that should answer does. */
    public boolean isReady() {
        return !closing && !doom.isDone() && (!options.strictReadiness() || models.allReady());
    }

    public Models models() {
        return models;
    }

    public Optional<InetSocketAddress> httpAddress() {
        return Optional.ofNullable(httpAddress);
    }

    public Optional<InetSocketAddress> grpcAddress() {
        return Optional.ofNullable(grpcAddress);
    }

    public Optional<InetSocketAddress> metricsAddress() {
        return Optional.ofNullable(metricsAddress);
    }

    /** Takes no more requests, answers those it has within the exit timeout, and frees everything. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        closing = true;
        long end = System.nanoTime() + options.exitTimeout().toNanos();
        try {
            var polling = poller;
            if (polling != null) {
                polling.interrupt();
            }
            var reporting = reporter;
            if (reporting != null) {
                reporting.end(doom.isDone());
            }
            conversions.close();
            readiness.end();
            models.hurry();
            boolean finished = ports.finish(left(end));
            finished &= modelControl.close(left(end));
            memory.unregisterAll();
            memory.unregisterAllDevices();
            tracing.close();
            engines.ifPresent(NodeEngines::close);
            uploads.ifPresent(EngineUploads::close);
            hardware.close();
            processMetrics.close();
            if (reporting != null) {
                reporting.awaitEnd();
            }
            ports.close();
            if (!finished) {
                logger.log(
                        Level.WARNING,
                        "some requests were still running after {0} s",
                        options.exitTimeout().toSeconds());
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** What is left until then; a moment, when that has passed. */
    static Duration left(long end) {
        return Duration.ofNanos(Math.max(1_000_000, end - System.nanoTime()));
    }
}
