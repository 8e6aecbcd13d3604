package io.shusuan.agent.repository;

import io.shusuan.agent.backend.Backend;
import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.backend.StandIn;
import io.shusuan.agent.config.ConfigCheck;
import io.shusuan.agent.config.ConfigCompletion;
import io.shusuan.agent.config.ConfigDefaults;
import io.shusuan.agent.config.ConfigDocument;
import io.shusuan.agent.config.EnsembleMembers;
import io.shusuan.agent.config.ModelInterface;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.metrics.ModelStatistics;
import io.shusuan.agent.scheduling.InstancePool;
import io.shusuan.agent.scheduling.ModelInstances;
import io.shusuan.agent.scheduling.Preparation;
import io.shusuan.agent.scheduling.RateLimiter;
import io.shusuan.agent.scheduling.Scheduler;
import io.shusuan.agent.scheduling.SchedulerSettings;
import io.shusuan.agent.scheduling.SequencePool;
import io.shusuan.agent.scheduling.cache.CachedScheduler;
import io.shusuan.agent.scheduling.ensemble.EnsembleScheduler;
import io.shusuan.agent.scheduling.ensemble.Members;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Turns a version folder into a model that answers. */
public final class ModelLoader {
    private static final Logger log = System.getLogger(ModelLoader.class.getName());

    private final List<Backend> backends;
    private final LoadSettings loading;
    private final ConfigSource source;
    private final SchedulerSettings settings;

    public ModelLoader(List<Backend> backends, LoadSettings loading, ConfigSource source, SchedulerSettings settings) {
        this.backends = List.copyOf(backends);
        this.loading = loading;
        this.source = source;
        this.settings = settings;
    }

    public List<Backend> backends() {
        return backends;
    }

    /** The configuration of a model, as far as it is known before its file is opened. */
    ConfigDocument configOf(ModelFolder folder, LoadOverrides overrides) throws LoadException {
        folder.refuseRejected();
        var given = source.read(folder, overrides.config());
        var filled = new ConfigDocument(
                ConfigDefaults.fill(
                        given.config(), folder.model(), folder.holds("model.plan"), folder.holds("model.onnx")),
                given.origin(),
                given.positions());
        ConfigCheck.settings(filled, settings.cache().isPresent());
        return filled;
    }

    /**
     * @param members the models an ensemble calls
     */
    ServedModel load(ModelFolder folder, ConfigDocument document, long version, Members members) throws LoadException {
        for (int left = loading.retries(); left > 0; left--) {
            try {
                return once(folder, document, version, members);
            } catch (LoadException failed) {
                log.log(Level.WARNING, "{0} is tried again: {1}", folder.id(), failed.text());
            }
        }
        return once(folder, document, version, members);
    }

    private ServedModel once(ModelFolder folder, ConfigDocument document, long version, Members members)
            throws LoadException {
        return document.config().hasEnsembleScheduling()
                ? ensemble(folder, document, version, members)
                : load(folder, document, version);
    }

    private ServedModel ensemble(ModelFolder folder, ConfigDocument document, long version, Members members)
            throws LoadException {
        ConfigCheck.tensors(document);
        var config = document.config();
        var tensors = ModelInterface.of(config);
        var statistics = new ModelStatistics(config, loading.quantiles());
        log.log(
                Level.INFO,
                "model {0} version {1} is ready: an ensemble of {2}",
                folder.id(),
                Long.toString(version),
                EnsembleMembers.of(config));
        return new ServedModel(
                folder.id(),
                version,
                document,
                tensors,
                statistics,
                cached(
                        config,
                        version,
                        new EnsembleScheduler(config, tensors, version, members, statistics, settings),
                        statistics),
                () -> {},
                ClassLabels.read(folder.path(), config),
                Optional.empty());
    }

    private ServedModel load(ModelFolder folder, ConfigDocument document, long version) throws LoadException {
        var config = document.config();
        long begin = System.nanoTime();
        var backend = backends.stream()
                .filter(b -> b.name().equals(config.getBackend()))
                .findFirst()
                .orElseThrow(() ->
                        new LoadException("model '" + folder.model() + "' needs the backend '" + config.getBackend()
                                + "'; this server has "
                                + backends.stream().map(Backend::name).toList()));
        if (config.getSequenceBatching().getIterativeSequence() && !backend.iterates()) {
            throw new LoadException("sequence_batching.iterative_sequence of '" + folder.model()
                    + "' asks for models that take several steps, and those of the backend '" + backend.name()
                    + "' do not: leave it out");
        }
        return complete(folder, document, version, opened(backend, folder, document, version), begin);
    }

    private static BackendModel opened(Backend backend, ModelFolder folder, ConfigDocument document, long version)
            throws LoadException {
        try {
            return backend.open(source(folder, document, version));
        } catch (RuntimeException | Error fault) {
            throw fault(folder, fault);
        }
    }

    /** An engine that does not keep to its word, or runs out of memory, costs its model only. */
    private static LoadException fault(ModelFolder folder, Throwable fault) {
        log.log(Level.ERROR, "model " + folder.model() + " failed while it was loaded", fault);
        return new LoadException("the server failed while it loaded '" + folder.model() + "'; its log says why", fault);
    }

    static ModelSource source(ModelFolder folder, ConfigDocument document, long version) {
        var config = document.config();
        return new ModelSource(folder.model(), version, folder.versionFolder(version), config, instanceCount(config));
    }

    /**
     * Opens what takes the place of a version that stood in for it. Its configuration is what callers have been told: a model that does
     * not keep to it is refused.
     */
    ServedModel loadInPlaceOf(ServedModel before, ModelFolder folder, StandIn.Successor successor)
            throws LoadException {
        long begin = System.nanoTime();
        return complete(folder, before.document(), before.version(), successor.open(), begin);
    }

    private static int instanceCount(ModelConfig config) {
        return config.getInstanceGroupList().stream()
                .mapToInt(g -> g.getCount())
                .sum();
    }

    private ServedModel complete(
            ModelFolder folder, ConfigDocument document, long version, BackendModel opened, long begin)
            throws LoadException {
        var config = document.config();
        int count = instanceCount(config);
        var instances = new ArrayList<BackendInstance>();
        try {
            var signature = opened.signature();
            var complete = signature.isPresent()
                    ? ConfigCompletion.complete(config, signature.get(), loading.defaultMaxBatchSize())
                    : config;
            var completed = new ConfigDocument(complete, document.origin(), document.positions());
            ConfigCheck.tensors(completed);
            for (int i = 0; i < count; i++) {
                instances.add(opened.instance(i));
            }
            var states = InitialStates.read(folder.path(), complete);
            new Warmup(
                            ModelInterface.of(complete),
                            folder.path(),
                            complete.getModelWarmupList(),
                            Preparation.of(complete, states))
                    .run(instances);
            var labels = ClassLabels.read(folder.path(), complete);
            var claims = claims(complete);
            var served =
                    serve(folder, completed, new ModelInstances(version, instances, claims, states), opened, labels);
            served.statistics().loadedIn(System.nanoTime() - begin);
            log.log(
                    Level.INFO,
                    "model {0} version {1} is ready: {2} with {3} instance(s), {4}, loaded in {5} ms",
                    folder.id(),
                    Long.toString(version),
                    config.getBackend(),
                    count,
                    opened.description(),
                    Long.toString((System.nanoTime() - begin) / 1_000_000));
            return served;
        } catch (LoadException failed) {
            discard(instances, opened);
            throw failed;
        } catch (RuntimeException | Error fault) {
            discard(instances, opened);
            throw fault(folder, fault);
        }
    }

    private static void discard(List<BackendInstance> instances, BackendModel opened) {
        instances.forEach(BackendInstance::close);
        opened.close();
    }

    private ServedModel serve(
            ModelFolder folder,
            ConfigDocument document,
            ModelInstances made,
            BackendModel opened,
            Map<String, List<String>> labels) {
        var config = document.config();
        var tensors = ModelInterface.of(config);
        var statistics = new ModelStatistics(config, loading.quantiles());
        Scheduler pool = config.hasSequenceBatching()
                ? new SequencePool(config, tensors, made, statistics, settings)
                : new InstancePool(config, tensors, made, statistics, settings);
        return new ServedModel(
                folder.id(),
                made.version(),
                document,
                tensors,
                statistics,
                cached(config, made.version(), pool, statistics),
                () -> {
                    settings.limiter().ifPresent(limiter -> limiter.unregister(made.claims()));
                    opened.close();
                },
                labels,
                Optional.of(opened));
    }

    private List<RateLimiter.Claim> claims(ModelConfig config) throws LoadException {
        if (settings.limiter().isPresent()) {
            return settings.limiter().get().register(config);
        }
        if (config.getInstanceGroupList().stream().anyMatch(group -> group.hasRateLimiter())) {
            log.log(
                    Level.INFO,
                    "the rate_limiter of {0} limits nothing: the server was started without --rate-limit execution_count",
                    config.getName());
        }
        return List.of();
    }

    private Scheduler cached(ModelConfig config, long version, Scheduler behind, ModelStatistics statistics) {
        return config.getResponseCache().getEnable()
                ? new CachedScheduler(behind, settings.cache().orElseThrow(), version, statistics, settings.clock())
                : behind;
    }
}
