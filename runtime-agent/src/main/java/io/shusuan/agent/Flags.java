package io.shusuan.agent;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The flags there are, by name, with what help says of them. */
final class Flags {
    /** One flag: what stands for its value in the help (empty for a switch), and its sentence. */
    record Flag(String value, String help) {
        boolean isSwitch() {
            return value.isEmpty();
        }
    }

    static final Map<String, Flag> ALL = new LinkedHashMap<>();

    static {
        flag("--id", "NAME", "what the server calls itself in its metadata (shusuan-agent)");
        flag("--model-repository", "PATH", "a folder of models; may be given more than once; also --model-store");
        flag(
                "--model-namespacing",
                "BOOL",
                "let repositories have models of the same name, each in the namespace of its repository (false)");
        flag("--http-address", "ADDRESS", "address of the HTTP port (127.0.0.1)");
        flag("--http-port", "PORT", "port of the HTTP protocol (8000; 0 takes a free one)");
        flag("--grpc-address", "ADDRESS", "address of the gRPC port (127.0.0.1)");
        flag("--grpc-port", "PORT", "port of the gRPC protocol (8001)");
        flag("--metrics-address", "ADDRESS", "address of the metrics port (that of HTTP)");
        flag("--metrics-port", "PORT", "port of the metrics (8002)");
        flag("--allow-http", "BOOL", "serve HTTP (true)");
        flag("--allow-grpc", "BOOL", "serve gRPC (true)");
        flag("--allow-metrics", "BOOL", "serve metrics (true)");
        flag("--allow-gpu-metrics", "BOOL", "those of GPUs among them (true)");
        flag("--allow-cpu-metrics", "BOOL", "those of the processor and its memory among them (true)");
        flag(
                "--metrics-config",
                "SETTING=VALUE",
                "counter_latencies (true), histogram_latencies (true), summary_latencies (false), summary_quantiles");
        flag("--model-control-mode", "MODE", "none, poll or explicit (none)");
        flag("--load-model", "NAME", "a model to load at the start in explicit mode, * for all; may be repeated");
        flag("--repository-poll-secs", "SECONDS", "how often poll mode looks (15)");
        flag("--exit-on-error", "BOOL", "exit when a model cannot be loaded at the start (true)");
        flag("--strict-readiness", "BOOL", "be ready only when every model is (true)");
        flag("--exit-timeout-secs", "SECONDS", "how long requests may take to finish on exit (30)");
        flag("--http-max-input-size", "BYTES", "largest request, over HTTP and gRPC (67108864)");
        flag("--max-queue-requests", "COUNT", "requests that may wait for a model (2048); more are answered 503");
        flag("--request-history", "COUNT", "ended requests with an id that can be explained, of each outcome (10000)");
        flag("--model-config-name", "NAME", "read configs/NAME.pbtxt of a model that has it instead of config.pbtxt");
        flag(
                "--disable-auto-complete-config",
                "",
                "refuse models whose configuration leaves out what the model itself says");
        flag("--strict-model-config", "BOOL", "the older form of it (false)");
        flag("--model-load-retry-count", "COUNT", "how often a model that could not be loaded is tried again (0)");
        flag("--max-queue-mbytes", "MIB", "memory that waiting requests of all models may occupy (1024); more get 503");
        flag(
                "--backend-config",
                "SETTING",
                "default-max-batch-size=N: what a batchable model gets that names none (4);"
                        + " tensorrt,plugins=FILE;FILE: as --tensorrt-plugin");
        flag(
                "--rate-limit",
                "MODE",
                "off or execution_count: whether instances wait for the resources they name (off)");
        flag("--rate-limit-resource", "NAME:COUNT", "how often a resource is there; may be repeated");
        flag(
                "--model-load-gpu-limit",
                "GPU:FRACTION",
                "how much of a GPU's memory TensorRT models may take (0.95); more is refused; may be repeated");
        flag(
                "--tensorrt-plugin",
                "FILE",
                "a library with plugins of TensorRT's, loaded for all models; may be repeated");
        flag(
                "--tensorrt-plugin-folder",
                "FOLDER",
                "where models may name such libraries (parameter plugins); may be repeated");
        flag(
                "--gpu-failure-policy",
                "POLICY",
                "exit (with 4, to be started again) or stay (and serve the rest) when a GPU is lost to the agent (exit)");
        flag("--cache-config", "local,size=BYTES", "memory for answers of models with response_cache (none)");
        flag("--response-cache-byte-size", "BYTES", "the old name of --cache-config");
        flag(
                "--engine-cache",
                "FOLDER",
                "where TensorRT engines are kept that are built from model.onnx, may be shared (~/.cache/shusuan/engines); off");
        flag(
                "--engine-cache-bucket",
                "URL",
                "s3://BUCKET/PREFIX: the bucket behind that folder, which agents everywhere share (AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, …)");
        flag("--engine-cache-mbytes", "MIB", "what they may occupy; those not used for longest go first (65536)");
        flag("--allow-conversions", "BOOL", "let callers have models of the repository converted (false)");
        flag("--allow-client-shm", "BOOL", "let clients register shared memory (false)");
        flag(
                "--auth-token-file",
                "FILE",
                "callers must bring one of its tokens, one a line (SHUSUAN_AGENT_AUTH_TOKEN)");
        flag(
                "--http-restricted-api",
                "APIS:HEADER=VALUE",
                "calls that need the header: inference,model-repository:key=secret");
        flag("--grpc-restricted-protocol", "APIS:KEY=VALUE", "the same; the header is triton-grpc-protocol-KEY");
        for (var protocol : new String[] {"http", "grpc"}) {
            flag("--" + protocol + "-use-ssl", "BOOL", "serve TLS (false)");
            flag("--" + protocol + "-use-ssl-mutual", "BOOL", "and ask clients for a certificate (false)");
            flag("--" + protocol + "-server-cert", "FILE", "the server's certificates, PEM");
            flag("--" + protocol + "-server-key", "FILE", "its key, PEM (PKCS #8)");
            flag("--" + protocol + "-root-cert", "FILE", "the authorities of clients' certificates, PEM");
        }
        flag("--max-connections", "COUNT", "connections of one port at a time (8192)");
        flag(
                "--stall-timeout-secs",
                "SECONDS",
                "how long a client may stall within a request or its answer (30); ten times as long before its first");
        flag("--http-header-forward-pattern", "REGEX", "headers with such names are given to models as parameters");
        flag("--grpc-header-forward-pattern", "REGEX", "the same for the metadata of gRPC calls");
        flag("--strict", "", "consistent status codes: bad JSON is 400, not the protocol's usual 500");
        flag("--node", "", "serve no models: watch this machine's GPUs, for its metrics and the control plane");
        flag("--node-name", "NAME", "the machine's name in the cluster (SHUSUAN_NODE_NAME, or else its hostname)");
        flag(
                "--build-engines",
                "FOLDER",
                "with --node: keep the TensorRT engines of this repository's models built, on GPUs that are free");
        flag("--report-url", "URL", "where the control plane takes reports (SHUSUAN_AGENT_REPORT_URL)");
        flag("--report-token-file", "FILE", "a file with the token for reports (SHUSUAN_AGENT_REPORT_TOKEN)");
        flag(
                "--trace-config",
                "SETTING",
                "[MODE,]SETTING=VALUE: level, rate, count, mode, triton,file, opentelemetry,url …");
        for (var older : new String[] {"level", "rate", "count", "file", "log-frequency"}) {
            flag("--trace-" + older, older.toUpperCase(Locale.ROOT), "the older form of --trace-config …" + older);
        }
        flag("--log-verbose", "LEVEL", "0 for the usual, 1 and more for more (0)");
        flag("--log-info", "BOOL", "log what happens (true)");
        flag("--log-warning", "BOOL", "log what may become a problem (true)");
        flag("--log-error", "BOOL", "log what went wrong (true)");
        flag("--log-format", "FORMAT", "default, ISO8601 or json: the form of a line (default)");
        flag("--log-file", "FILE", "where the log goes (standard error)");
        flag("--list-backends", "", "print the engines and whether they work here, then exit");
        flag("--rehearse", "", "start, call and end an agent for itself: what --write-start-cache of the script runs");
        flag("--version", "", "print the version and exit");
        flag("--help", "", "print this and exit");
    }

    /** Names that flags had before. */
    private static final Map<String, String> OLDER = Map.of("--model-store", "--model-repository");

    private Flags() {}

    static String today(String name) {
        return OLDER.getOrDefault(name, name);
    }

    private static void flag(String name, String value, String help) {
        ALL.put(name, new Flag(value, help));
    }

    static String help() {
        var text = new StringBuilder("shusuan-agent: serves models over HTTP and gRPC\n\n"
                + "  shusuan-agent --model-repository PATH [flags]\n"
                + "  shusuan-agent --node [flags]\n\n");
        ALL.forEach((name, flag) -> text.append(String.format("  %-32s %s%n", name + " " + flag.value(), flag.help())));
        return text.append("\nFlags of Triton's server that change nothing here: ")
                .append(String.join(" ", ForeignFlags.taken()))
                .append('\n')
                .toString();
    }

    /** The flag whose name is closest to what was typed. */
    static String nearest(String typed) {
        return ALL.keySet().stream()
                .min(Comparator.comparingInt(name -> distance(typed, name)))
                .orElseThrow();
    }

    /** How many letters must be changed, added or left out. */
    private static int distance(String from, String to) {
        int[] previous = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int[] row = new int[to.length() + 1];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = previous[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(previous[j], row[j - 1]) + 1);
            }
            previous = row;
        }
        return previous[to.length()];
    }
}
