package io.shusuan.agent.config;

import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelDynamicBatching;
import java.util.List;
import java.util.regex.Pattern;

/** What must hold of batching, priorities and instances. */
final class SchedulingRules {
    private static final Pattern LABEL = Pattern.compile("[a-zA-Z][a-zA-Z0-9_]*");
    private static final List<String> OWN_LABELS = List.of("model", "version", "reason", "le");
    private static final int MAX_INSTANCES = 1024;
    private static final int MAX_PRIORITIES = 1000;

    private SchedulingRules() {}

    static void check(ConfigDocument document, Faults faults) {
        var config = document.config();
        faults.when(
                config.getMaxBatchSize() < 0,
                "max_batch_size",
                "is " + config.getMaxBatchSize() + "; 0 (the model does not batch) or more is allowed");
        instances(config, faults);
        config.getMetricTagsMap()
                .keySet()
                .forEach(tag -> faults.when(
                        !LABEL.matcher(tag).matches() || OWN_LABELS.contains(tag),
                        "metric_tags",
                        "names '" + tag + "'; letters, digits and _ are allowed, beginning with a letter, and not "
                                + OWN_LABELS));
        faults.when(
                config.getResponseCache().getEnable()
                        && config.getModelTransactionPolicy().getDecoupled(),
                "response_cache.enable",
                "contradicts model_transaction_policy: only a model with one answer to a request can be cached");
        if (config.hasDynamicBatching()) {
            batching(config, config.getDynamicBatching(), faults);
        }
        for (int i = 0; i < config.getVersionPolicy().getSpecific().getVersionsCount(); i++) {
            long version = config.getVersionPolicy().getSpecific().getVersions(i);
            faults.when(
                    version < 1,
                    "version_policy.specific.versions[" + i + "]",
                    "is " + version + "; versions are positive numbers");
        }
    }

    private static void instances(ModelConfig config, Faults faults) {
        long instances = 0;
        for (int i = 0; i < config.getInstanceGroupCount(); i++) {
            var group = config.getInstanceGroup(i);
            faults.when(
                    group.getCount() < 1,
                    "instance_group[" + i + "].count",
                    "is " + group.getCount() + "; 1 or more is allowed");
            instances += group.getCount();
            for (int j = 0; j < group.getRateLimiter().getResourcesCount(); j++) {
                var resource = group.getRateLimiter().getResources(j);
                faults.when(
                        resource.getName().isEmpty() || resource.getCount() == 0,
                        "instance_group[" + i + "].rate_limiter.resources[" + j + "]",
                        "needs a name and a count of 1 or more");
            }
        }
        faults.when(
                instances > MAX_INSTANCES,
                "instance_group",
                "asks for " + instances + " instances; at most " + MAX_INSTANCES + " are allowed");
    }

    private static void batching(ModelConfig config, ModelDynamicBatching batching, Faults faults) {
        var path = "dynamic_batching";
        for (int i = 0; i < batching.getPreferredBatchSizeCount(); i++) {
            int size = batching.getPreferredBatchSize(i);
            // a max_batch_size of 0 may still be completed from the model
            faults.when(
                    size < 1 || (config.getMaxBatchSize() > 0 && size > config.getMaxBatchSize()),
                    path + ".preferred_batch_size[" + i + "]",
                    "is " + size + "; a size from 1 to max_batch_size (" + config.getMaxBatchSize() + ") is allowed");
        }
        long levels = batching.getPriorityLevels();
        faults.when(
                levels < 0 || levels > MAX_PRIORITIES,
                path + ".priority_levels",
                "is " + Long.toUnsignedString(levels) + "; at most " + MAX_PRIORITIES + " are allowed");
        long usual = batching.getDefaultPriorityLevel();
        faults.when(
                levels > 0 && (usual < 1 || usual > levels),
                path + ".default_priority_level",
                "is " + Long.toUnsignedString(usual) + "; with priority_levels a level from 1 to "
                        + Long.toUnsignedString(levels) + " is needed");
        faults.when(
                levels == 0 && usual != 0,
                path + ".default_priority_level",
                "is " + Long.toUnsignedString(usual) + " but there are no priority_levels: name them or leave it out");
        batching.getPriorityQueuePolicyMap()
                .keySet()
                .forEach(level -> faults.when(
                        level < 1 || level > levels,
                        path + ".priority_queue_policy",
                        "names the level " + Long.toUnsignedString(level) + "; levels 1 to priority_levels ("
                                + Long.toUnsignedString(levels) + ") are allowed"));
        faults.when(
                levels > 0 && batching.getPreserveOrdering(),
                path + ".preserve_ordering",
                "contradicts priority_levels: leave one of them out");
    }
}
