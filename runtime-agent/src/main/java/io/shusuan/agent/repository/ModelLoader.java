package io.shusuan.agent.repository;

import io.shusuan.agent.backend.Backend;
import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.config.ConfigCheck;
import io.shusuan.agent.config.ConfigCompletion;
import io.shusuan.agent.config.ConfigDefaults;
import io.shusuan.agent.config.ConfigDocument;
import io.shusuan.agent.config.ModelInterface;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.metrics.ModelStatistics;
import io.shusuan.agent.scheduling.InstancePool;
import io.shusuan.agent.scheduling.SchedulerSettings;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Turns a version folder into a model that answers. */
public final class ModelLoader {
    private static final Logger log = System.getLogger(ModelLoader.class.getName());

    private final List<Backend> backends;
    private final int defaultMaxBatchSize;
    private final ConfigSource source;
    private final SchedulerSettings settings;

    public ModelLoader(
            List<Backend> backends, int defaultMaxBatchSize, ConfigSource source, SchedulerSettings settings) {
        this.backends = List.copyOf(backends);
        this.defaultMaxBatchSize = defaultMaxBatchSize;
        this.source = source;
        this.settings = settings;
    }

    public List<Backend> backends() {
        return backends;
    }

    /** The configuration of a model, as far as it is known before its file is opened. */
    ConfigDocument configOf(ModelFolder folder, LoadOverrides overrides) throws LoadException {
        var given = source.read(folder, overrides.config());
        var filled = new ConfigDocument(
                ConfigDefaults.fill(given.config(), folder.model(), folder.hasOnnxFile()),
                given.origin(),
                given.positions());
        ConfigCheck.settings(filled);
        return filled;
    }

    ServedModel load(ModelFolder folder, ConfigDocument document, long version) throws LoadException {
        var config = document.config();
        long begin = System.nanoTime();
        var backend = backends.stream()
                .filter(b -> b.name().equals(config.getBackend()))
                .findFirst()
                .orElseThrow(() ->
                        new LoadException("model '" + folder.model() + "' needs the backend '" + config.getBackend()
                                + "'; this server has "
                                + backends.stream().map(Backend::name).toList()));
        int count = config.getInstanceGroupList().stream()
                .mapToInt(g -> g.getCount())
                .sum();
        var opened =
                backend.open(new ModelSource(folder.model(), version, folder.versionFolder(version), config, count));
        var instances = new ArrayList<BackendInstance>();
        try {
            var signature = opened.signature();
            var complete = signature.isPresent()
                    ? ConfigCompletion.complete(config, signature.get(), defaultMaxBatchSize)
                    : config;
            ConfigCheck.tensors(new ConfigDocument(complete, document.origin(), document.positions()));
            for (int i = 0; i < count; i++) {
                instances.add(opened.instance(i));
            }
            new Warmup(ModelInterface.of(complete), folder.path(), complete.getModelWarmupList()).run(instances);
            var served = serve(complete, version, instances, opened, labels(folder, complete));
            served.statistics().loadedIn(System.nanoTime() - begin);
            log.log(
                    Level.INFO,
                    "model {0} version {1} is ready: {2} with {3} instance(s), {4}, loaded in {5} ms",
                    folder.model(),
                    Long.toString(version),
                    backend.name(),
                    count,
                    opened.description(),
                    Long.toString((System.nanoTime() - begin) / 1_000_000));
            return served;
        } catch (LoadException failed) {
            discard(instances, opened);
            throw failed;
        } catch (RuntimeException fault) {
            discard(instances, opened);
            log.log(Level.ERROR, "model " + folder.model() + " failed while it was loaded", fault);
            throw new LoadException(
                    "the server failed while it loaded '" + folder.model() + "'; its log says why", fault);
        }
    }

    private static void discard(List<BackendInstance> instances, BackendModel opened) {
        instances.forEach(BackendInstance::close);
        opened.close();
    }

    private static Map<String, List<String>> labels(ModelFolder folder, ModelConfig config) throws LoadException {
        var labels = new HashMap<String, List<String>>();
        for (var output : config.getOutputList()) {
            if (!output.getLabelFilename().isEmpty()) {
                var file = folder.path().resolve(output.getLabelFilename()).normalize();
                if (!file.startsWith(folder.path().normalize())) {
                    throw new LoadException(
                            "label_filename '" + output.getLabelFilename() + "' leaves the model's folder");
                }
                try {
                    labels.put(output.getName(), Files.readAllLines(file));
                } catch (IOException unreadable) {
                    throw new LoadException(
                            "cannot read the labels of output '" + output.getName() + "': " + unreadable, unreadable);
                }
            }
        }
        return labels;
    }

    private ServedModel serve(
            ModelConfig config,
            long version,
            List<BackendInstance> instances,
            BackendModel opened,
            Map<String, List<String>> labels) {
        var tensors = ModelInterface.of(config);
        var statistics = new ModelStatistics();
        var pool = new InstancePool(config, tensors, version, instances, statistics, settings);
        return new ServedModel(version, config, tensors, statistics, pool, opened, labels);
    }
}
