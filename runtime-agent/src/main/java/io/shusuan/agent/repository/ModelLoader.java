package io.shusuan.agent.repository;

import io.shusuan.agent.backend.Backend;
import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.config.ConfigCheck;
import io.shusuan.agent.config.ConfigCompletion;
import io.shusuan.agent.config.ConfigDefaults;
import io.shusuan.agent.config.ConfigText;
import io.shusuan.agent.config.ModelInterface;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.metrics.ModelStatistics;
import io.shusuan.agent.scheduling.InstancePool;
import io.shusuan.agent.scheduling.QueueLimits;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Turns a version folder into a model that answers. */
public final class ModelLoader {
    private static final Logger log = System.getLogger(ModelLoader.class.getName());

    private final List<Backend> backends;
    private final int defaultMaxBatchSize;
    private final QueueLimits limits;
    private final InstantSource clock;

    public ModelLoader(List<Backend> backends, int defaultMaxBatchSize, QueueLimits limits, InstantSource clock) {
        this.backends = List.copyOf(backends);
        this.defaultMaxBatchSize = defaultMaxBatchSize;
        this.limits = limits;
        this.clock = clock;
    }

    public List<Backend> backends() {
        return backends;
    }

    /** The configuration of a model, as far as it is known before its file is opened. */
    ModelConfig configOf(ModelFolder folder, LoadOverrides overrides) throws LoadException {
        ModelConfig given;
        if (overrides.config().isPresent()) {
            given = overrides.config().get();
        } else {
            given = Files.exists(folder.configFile())
                    ? ConfigText.read(folder.configFile())
                    : ModelConfig.getDefaultInstance();
        }
        var config = ConfigDefaults.fill(given, folder.model(), folder.hasOnnxFile());
        ConfigCheck.settings(config);
        return config;
    }

    ServedModel load(ModelFolder folder, ModelConfig config, long version) throws LoadException {
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
            ConfigCheck.tensors(complete);
            for (int i = 0; i < count; i++) {
                instances.add(opened.instance(i));
            }
            var served = serve(complete, version, instances, opened, labels(folder, complete));
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
        int queueSize = config.getDynamicBatching().getDefaultQueuePolicy().getMaxQueueSize();
        var bounds = queueSize > 0 ? new QueueLimits(queueSize, limits.bytes()) : limits;
        var pool = new InstancePool(tensors, version, bounds, instances, statistics, clock);
        return new ServedModel(version, config, tensors, statistics, pool, opened, labels);
    }
}
