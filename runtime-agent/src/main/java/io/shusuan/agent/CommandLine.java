package io.shusuan.agent;

import io.shusuan.agent.Options.ControlMode;
import io.shusuan.agent.Options.Listen;
import io.shusuan.agent.Options.Report;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.log.LogSettings;
import io.shusuan.agent.protocol.ServerInfo;
import io.shusuan.agent.report.AgentIdentity;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads the command line and what the environment says beside it. */
final class CommandLine {
    private static final String LOOPBACK = "127.0.0.1";
    private static final String BUILD_ENGINES = "--build-engines";

    private final Map<String, List<String>> given = new HashMap<>();
    private final List<String> said = new ArrayList<>();
    private final Map<String, String> environment;

    private CommandLine(Map<String, String> environment) {
        this.environment = environment;
    }

    static CommandLine parse(List<String> arguments, Map<String, String> environment) throws UsageException {
        var line = new CommandLine(environment);
        var rest = arguments.iterator();
        while (rest.hasNext()) {
            var argument = rest.next();
            if (!argument.startsWith("--")) {
                throw new UsageException("'" + argument + "' is not a flag; flags begin with --, see --help");
            }
            int equals = argument.indexOf('=');
            var name = Flags.today(equals < 0 ? argument : argument.substring(0, equals));
            var flag = Flags.ALL.get(name);
            boolean foreign = ForeignFlags.has(name);
            if (flag == null && !foreign) {
                throw new UsageException(
                        "unknown flag " + name + "; the nearest is " + Flags.nearest(name) + ", --help lists all");
            }
            String value;
            if (equals >= 0) {
                value = argument.substring(equals + 1);
            } else if (flag != null && flag.isSwitch()) {
                value = "true";
            } else if (rest.hasNext()) {
                value = rest.next();
            } else {
                throw new UsageException(
                        name + " needs a value: " + name + " " + (flag == null ? "VALUE" : flag.value()));
            }
            if (foreign) {
                ForeignFlags.said(name, value).ifPresent(line::say);
                continue;
            }
            line.given.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
        }
        return line;
    }

    boolean has(String flag) throws UsageException {
        return bool(flag, false);
    }

    /** Notes what whoever gave these flags should know. */
    void say(String sentence) {
        said.add(sentence);
    }

    /** What to tell when the server starts, once {@link #options} has read all. */
    List<String> said() {
        return List.copyOf(said);
    }

    Options options() throws UsageException {
        var httpAddress = text("--http-address").orElse(LOOPBACK);
        boolean serving = !has("--node");
        var engineCache = new EngineFlags(this, environment).read();
        var metrics = new MetricsFlags(this).read();
        return new Options(
                text("--id").filter(name -> !name.isEmpty()).orElse(ServerInfo.NAME),
                serving ? repositories() : noRepositories(),
                bool("--model-namespacing", false),
                new Listen(bool("--allow-http", serving), httpAddress, port("--http-port", 8000), "--http-port"),
                new Listen(
                        bool("--allow-grpc", serving),
                        text("--grpc-address").orElse(LOOPBACK),
                        port("--grpc-port", 8001),
                        "--grpc-port"),
                new Listen(
                        bool("--allow-metrics", true),
                        text("--metrics-address").orElse(httpAddress),
                        port("--metrics-port", 8002),
                        "--metrics-port"),
                metrics,
                controlMode(),
                given.getOrDefault("--load-model", List.of()),
                Duration.ofSeconds(number("--repository-poll-secs", 15, 1, Integer.MAX_VALUE)),
                bool("--exit-on-error", true),
                bool("--strict-readiness", true),
                bool("--strict", false),
                log(),
                new TraceFlags(this).read(),
                number("--http-max-input-size", 64 << 20, 1, Integer.MAX_VALUE - 1024),
                number("--max-queue-requests", 2048, 1, 1 << 20),
                number("--request-history", 10_000, 0, 1 << 20),
                ((long) number("--max-queue-mbytes", 1024, 1, 1 << 20)) << 20,
                environmentNumber("TRITONSERVER_DELAY_SCHEDULER"),
                environmentNumber("TRITONSERVER_BACKLOG_DELAY_SCHEDULER"),
                new SchedulingFlags(this).rateLimits(),
                new GpuFlags(this).read(),
                new SchedulingFlags(this).cacheBytes(),
                new LoadFlags(this).read(metrics.quantiles()),
                modelConfigName(),
                engineCache,
                Duration.ofSeconds(number("--exit-timeout-secs", 30, 0, Integer.MAX_VALUE)),
                bool("--allow-conversions", false),
                bool("--allow-client-shm", false),
                new SecurityFlags(this).read(),
                number("--max-connections", 8192, 1, 1 << 20),
                Duration.ofSeconds(number("--stall-timeout-secs", 30, 1, 1 << 20)),
                pattern("--http-header-forward-pattern"),
                pattern("--grpc-header-forward-pattern"),
                serving ? Optional.empty() : Optional.of(node(engineCache.isPresent())),
                report());
    }

    private List<Path> repositories() throws UsageException {
        if (given.containsKey(BUILD_ENGINES)) {
            throw new UsageException(BUILD_ENGINES
                    + " is for an agent with --node; one that serves builds the engines of its own models by itself");
        }
        var paths = folders("--model-repository");
        if (paths.isEmpty()) {
            throw new UsageException("--model-repository is missing: name the folder that holds the models");
        }
        return paths;
    }

    private List<Path> folders(String flag) throws UsageException {
        var paths = new ArrayList<Path>();
        for (var text : given.getOrDefault(flag, List.of())) {
            var path = Path.of(text);
            if (!Files.isDirectory(path)) {
                throw new UsageException(flag + " " + text + " is not a folder");
            }
            paths.add(path.toAbsolutePath().normalize());
        }
        return paths;
    }

    private List<Path> noRepositories() throws UsageException {
        for (var flag : List.of("--model-repository", "--model-control-mode")) {
            if (given.containsKey(flag)) {
                throw new UsageException("an agent with --node serves no models: leave out " + flag);
            }
        }
        return List.of();
    }

    private Options.Node node(boolean keepsEngines) throws UsageException {
        var name = text("--node-name").or(() -> env("SHUSUAN_NODE_NAME")).orElseGet(AgentIdentity::hostname);
        var buildFor = folders(BUILD_ENGINES);
        if (!buildFor.isEmpty() && !keepsEngines) {
            throw new UsageException(
                    BUILD_ENGINES + " needs --engine-cache: the folder that the engines are built into");
        }
        return new Options.Node(name, buildFor);
    }

    private ControlMode controlMode() throws UsageException {
        var text = text("--model-control-mode").orElse("none");
        var mode = switch (text.toLowerCase(Locale.ROOT)) {
            case "none" -> ControlMode.NONE;
            case "poll" -> ControlMode.POLL;
            case "explicit" -> ControlMode.EXPLICIT;
            default -> throw new UsageException("--model-control-mode is none, poll or explicit, not '" + text + "'");
        };
        if (mode != ControlMode.EXPLICIT && given.containsKey("--load-model")) {
            throw new UsageException("--load-model needs --model-control-mode explicit");
        }
        return mode;
    }

    private Optional<String> modelConfigName() throws UsageException {
        var name = text("--model-config-name");
        if (name.isPresent() && (name.get().isEmpty() || name.get().contains("/"))) {
            throw new UsageException("--model-config-name takes the name of a file in configs/ without .pbtxt, not '"
                    + name.get() + "'");
        }
        return name;
    }

    private LogSettings log() throws UsageException {
        LogSettings.Format format;
        try {
            format = LogSettings.Format.named(text("--log-format").orElse("default"));
        } catch (ServingException unknown) {
            throw new UsageException("--log-format: " + unknown.text());
        }
        return new LogSettings(
                text("--log-file").orElse(""),
                bool("--log-info", true),
                bool("--log-warning", true),
                bool("--log-error", true),
                verbosity(),
                format);
    }

    /** A level; a boolean stands for the first and none. */
    private int verbosity() throws UsageException {
        var text = text("--log-verbose").orElse("0").toLowerCase(Locale.ROOT);
        return switch (text) {
            case "true" -> 1;
            case "false" -> 0;
            default -> number("--log-verbose", text, 0, Integer.MAX_VALUE);
        };
    }

    private Optional<Report> report() throws UsageException {
        var url = text("--report-url").or(() -> env("SHUSUAN_AGENT_REPORT_URL"));
        if (url.isEmpty()) {
            return Optional.empty();
        }
        try {
            var scheme = URI.create(url.get()).getScheme();
            if (!"http".equals(scheme) && !"https".equals(scheme)) {
                throw new UsageException("the report URL must begin with http:// or https://, not '" + url.get() + "'");
            }
        } catch (IllegalArgumentException notAUrl) {
            throw new UsageException("the report URL '" + url.get() + "' is not one");
        }
        var file = text("--report-token-file");
        if (file.isEmpty()) {
            return Optional.of(
                    new Report(url.get(), env("SHUSUAN_AGENT_REPORT_TOKEN").orElse("")));
        }
        try {
            return Optional.of(
                    new Report(url.get(), Files.readString(Path.of(file.get())).strip()));
        } catch (IOException unreadable) {
            throw new UsageException("--report-token-file " + file.get() + " cannot be read: " + unreadable);
        }
    }

    private int environmentNumber(String name) throws UsageException {
        var text = env(name);
        return text.isEmpty() ? 0 : number(name, text.get(), 0, 1 << 20);
    }

    /** Names of headers have no case, unless the pattern says {@code (?-i)}. */
    private Optional<Pattern> pattern(String flag) throws UsageException {
        var text = text(flag);
        try {
            return text.map(regex -> Pattern.compile(regex, Pattern.CASE_INSENSITIVE));
        } catch (PatternSyntaxException wrong) {
            throw new UsageException(
                    flag + " " + text.orElse("") + " is not a regular expression: " + wrong.getDescription());
        }
    }

    Optional<String> env(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    /** Every value a flag was given. */
    List<String> all(String flag) {
        return given.getOrDefault(flag, List.of());
    }

    Optional<String> text(String flag) {
        return Optional.ofNullable(given.get(flag)).map(List::getLast);
    }

    private int port(String flag, int unset) throws UsageException {
        return number(flag, unset, 0, 65535);
    }

    int number(String flag, int unset, int least, int most) throws UsageException {
        var text = text(flag);
        return text.isEmpty() ? unset : number(flag, text.get(), least, most);
    }

    static int number(String flag, String text, int least, int most) throws UsageException {
        try {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return (int) value;
            }
        } catch (NumberFormatException notANumber) {
            // answered below, with what is out of range
        }
        throw new UsageException(flag + " takes a number from " + least + " to " + most + ", not '" + text + "'");
    }

    boolean bool(String flag, boolean unset) throws UsageException {
        var text = text(flag);
        if (text.isEmpty()) {
            return unset;
        }
        return truth(flag, text.get(), text.get());
    }

    /** @param whole what was given to the flag, of which the value is a part */
    static boolean truth(String flag, String whole, String value) throws UsageException {
        if (isFalse(value)) {
            return false;
        }
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "true", "1", "on", "yes" -> true;
            default -> throw new UsageException(flag + " takes true or false, not '" + whole + "'");
        };
    }

    static boolean isFalse(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "false", "0", "off", "no" -> true;
            default -> false;
        };
    }
}
