package io.shusuan.agent;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Flags of Triton's server that this one does not need, or does not have. A script that starts that server is to start this one: what would
 * change nothing is taken, and told when the server starts; what would be missed is refused.
 */
final class ForeignFlags {
    /** What is asked for holds here anyway, or there is nothing that it could hold for. */
    private static final Map<String, String> NEEDLESS = new LinkedHashMap<>();

    /** Without what these ask for the server would do something else than was meant. */
    private static final Map<String, String> REFUSED = new LinkedHashMap<>();

    static {
        needless("models are loaded one after another", "--model-load-thread-count");
        needless("the network has a thread for each processor", "--http-thread-count");
        needless("figures are read when they are asked for", "--metrics-interval-ms");
        needless(
                "TCP keeps connections alive, pings are answered, and --stall-timeout-secs ends what stalls",
                "--grpc-keepalive-time",
                "--grpc-keepalive-timeout",
                "--grpc-keepalive-permit-without-calls",
                "--grpc-http2-max-pings-without-data",
                "--grpc-http2-min-recv-ping-interval-without-data",
                "--grpc-http2-max-ping-strikes");
        needless("calls have no pool", "--grpc-infer-allocation-pool-size", "--grpc-max-response-pool-size");
        needless(
                "memory belongs to the instances of models, --model-load-gpu-limit bounds it",
                "--pinned-memory-pool-byte-size",
                "--cuda-memory-pool-byte-size",
                "--cuda-virtual-address-size");
        needless("tensors are gathered by the instance that runs them", "--buffer-manager-thread-count");
        needless("engines are part of the server, --list-backends shows them", "--backend-directory");
        needless("the cache is part of the server", "--cache-directory");
        needless("models are served as they lie in the repository", "--repoagent-directory");
        refused(
                "a port belongs to one server; give each its own behind a proxy",
                "--reuse-http-port",
                "--reuse-grpc-port");
        refused(
                "answers over gRPC are not compressed; over HTTP those are whose caller accepts it",
                "--grpc-infer-response-compression-level");
        refused(
                "connections may be kept as long as their clients like",
                "--grpc-max-connection-age",
                "--grpc-max-connection-age-grace");
        refused("the process' own placement holds: start the server with taskset or numactl", "--host-policy");
        refused(
                "instance_group names the GPUs that a model runs on, and CUDA_VISIBLE_DEVICES those there are",
                "--min-supported-compute-capability");
        refused(
                "its routes are not served",
                "--allow-sagemaker",
                "--sagemaker-port",
                "--sagemaker-safe-port-range",
                "--sagemaker-thread-count",
                "--allow-vertex-ai",
                "--vertex-ai-port",
                "--vertex-ai-thread-count",
                "--vertex-ai-default-model");
    }

    private ForeignFlags() {}

    private static void needless(String why, String... flags) {
        for (var flag : flags) {
            NEEDLESS.put(flag, why);
        }
    }

    private static void refused(String why, String... flags) {
        for (var flag : flags) {
            REFUSED.put(flag, why);
        }
    }

    static boolean has(String flag) {
        return NEEDLESS.containsKey(flag) || REFUSED.containsKey(flag);
    }

    /**
     * What to say of one that was given; empty where it asks for nothing.
     *
     * @throws UsageException when it cannot be honoured and would be missed
     */
    static Optional<String> said(String flag, String value) throws UsageException {
        var needless = NEEDLESS.get(flag);
        if (needless != null) {
            return Optional.of(flag + " changes nothing: " + needless);
        }
        if (CommandLine.isFalse(value) || value.equalsIgnoreCase("none")) {
            return Optional.empty();
        }
        throw new UsageException(flag + " is not supported by this server: " + REFUSED.get(flag));
    }

    /** Those that are taken, for the help. */
    static List<String> taken() {
        return List.copyOf(NEEDLESS.keySet());
    }
}
