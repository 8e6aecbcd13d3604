package io.shusuan.agent;

import io.shusuan.agent.engine.build.EngineCache;
import io.shusuan.agent.log.LogSettings;
import io.shusuan.agent.metrics.MetricsChoice;
import io.shusuan.agent.repository.LoadSettings;
import io.shusuan.agent.trace.TraceOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the command line asks for, complete and checked.
 *
 * @param name what the server calls itself
 * @param node what a node agent looks after
 */
public record Options(
        String name,
        List<Path> repositories,
        boolean modelNamespacing,
        Listen http,
        Listen grpc,
        Listen metrics,
        MetricsChoice metricsChoice,
        ControlMode controlMode,
        List<String> loadModels,
        Duration pollInterval,
        boolean exitOnError,
        boolean strictReadiness,
        boolean strict,
        LogSettings log,
        TraceOptions trace,
        int maxBodyBytes,
        int maxQueueRequests,
        int requestHistory,
        long maxQueueBytes,
        int holdRequests,
        int holdBacklog,
        Optional<Map<String, Integer>> rateLimits,
        GpuOptions gpu,
        Optional<Long> cacheBytes,
        LoadSettings loading,
        Optional<String> modelConfigName,
        Optional<EngineCache> engineCache,
        Duration exitTimeout,
        boolean allowConversions,
        boolean allowSharedMemory,
        Security security,
        int maxConnections,
        Duration stallTimeout,
        Optional<Pattern> httpForwarded,
        Optional<Pattern> grpcForwarded,
        Optional<Node> node,
        Optional<Report> report) {
    public Options {
        repositories = List.copyOf(repositories);
        loadModels = List.copyOf(loadModels);
    }

    /** Where one protocol listens, and by which flag the port is changed. */
    public record Listen(boolean allowed, String address, int port, String flag) {}

    /**
     * A node, in place of models.
     *
     * @param name what it is called in the cluster
     * @param buildFor the repositories whose engines are kept built there
     */
    public record Node(String name, List<Path> buildFor) {
        public Node {
            buildFor = List.copyOf(buildFor);
        }
    }

    /** Where heartbeats go. */
    public record Report(String url, String token) {}

    /** How the set of loaded models changes after the start. */
    public enum ControlMode {
        /** Everything is loaded at the start and nothing changes. */
        NONE,
        /** Memory follows what is on disk. */
        POLL,
        /** Models are loaded and unloaded on request. */
        EXPLICIT
    }
}
