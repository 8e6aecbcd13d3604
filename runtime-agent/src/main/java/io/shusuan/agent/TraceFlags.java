package io.shusuan.agent;

import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.trace.TraceOptions;
import io.shusuan.agent.trace.TraceOptions.Export;
import io.shusuan.agent.trace.TraceSettings;
import io.shusuan.agent.trace.TraceSettings.Mode;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads {@code --trace-config [MODE,]SETTING=VALUE}, as Triton writes it, and the flags that it replaced there. What the variables
 * of OpenTelemetry say holds where no flag does.
 */
final class TraceFlags {
    private static final String FLAG = "--trace-config";
    private static final String RESOURCE = "resource";
    private static final int MOST_SPANS = 1 << 20;

    private final CommandLine line;
    private final Map<String, String> settings = new HashMap<>();
    private final List<String> levels = new ArrayList<>();
    private final Map<String, String> resource = new HashMap<>();

    TraceFlags(CommandLine line) {
        this.line = line;
    }

    TraceOptions read() throws UsageException {
        older("--trace-rate", "rate");
        older("--trace-count", "count");
        older("--trace-log-frequency", "triton,log-frequency");
        older("--trace-file", "triton,file");
        levels.addAll(line.all("--trace-level"));
        attributes(line.env("OTEL_RESOURCE_ATTRIBUTES").orElse(""));
        for (var text : line.all(FLAG)) {
            setting(text);
        }
        try {
            return new TraceOptions(traceSettings(), export());
        } catch (ServingException | IllegalArgumentException wrong) {
            throw new UsageException(FLAG + ": " + wrong.getMessage());
        }
    }

    private void older(String flag, String name) {
        line.text(flag).ifPresent(value -> settings.put(name, value));
    }

    private void setting(String text) throws UsageException {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw new UsageException(FLAG + " is [MODE,]SETTING=VALUE, not '" + text + "'");
        }
        var value = text.substring(equals + 1);
        var name = text.substring(0, equals);
        switch (name) {
            case "level" -> levels.add(value);
            case "opentelemetry," + RESOURCE -> attributes(value);
            case "rate",
                    "count",
                    "mode",
                    "triton,file",
                    "triton,log-frequency",
                    "opentelemetry,url",
                    "opentelemetry,bsp_max_queue_size",
                    "opentelemetry,bsp_schedule_delay",
                    "opentelemetry,bsp_max_export_batch_size" -> settings.put(name, value);
            default ->
                throw new UsageException(
                        FLAG + " knows no '" + name + "'; there are level, rate, count, mode, triton,file,"
                                + " triton,log-frequency, opentelemetry,url, opentelemetry,resource, opentelemetry,bsp_max_queue_size,"
                                + " opentelemetry,bsp_schedule_delay and opentelemetry,bsp_max_export_batch_size");
        }
    }

    private void attributes(String text) throws UsageException {
        for (var pair : text.split(",", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                resource.put(
                        pair.substring(0, equals).strip(),
                        pair.substring(equals + 1).strip());
            } else if (!pair.isBlank()) {
                throw new UsageException("a resource attribute is KEY=VALUE, not '" + pair + "'");
            }
        }
    }

    private TraceSettings traceSettings() throws UsageException {
        for (var level : levels) {
            if (!List.of("OFF", "TIMESTAMPS", "TENSORS").contains(level)) {
                throw new UsageException(FLAG + " level is OFF, TIMESTAMPS or TENSORS, not '" + level + "'");
            }
        }
        return new TraceSettings(
                levels.isEmpty() ? List.of("OFF") : levels,
                number("rate", 1000, 0, Integer.MAX_VALUE),
                number("count", -1, -1, Integer.MAX_VALUE),
                number("triton,log-frequency", 0, 0, Integer.MAX_VALUE),
                settings.getOrDefault("triton,file", ""),
                mode());
    }

    private Mode mode() throws UsageException {
        var text = settings.getOrDefault("mode", "triton");
        return switch (text) {
            case "triton" -> Mode.TRITON;
            case "opentelemetry" -> Mode.OPENTELEMETRY;
            default -> throw new UsageException(FLAG + " mode is triton or opentelemetry, not '" + text + "'");
        };
    }

    private Export export() throws UsageException {
        var url = settings.getOrDefault("opentelemetry,url", Export.DEFAULT.url());
        var scheme = URI.create(url).getScheme();
        if (!"http".equals(scheme) && !"https".equals(scheme)) {
            throw new UsageException(
                    FLAG + " opentelemetry,url must begin with http:// or https://, not '" + url + "'");
        }
        return new Export(
                url,
                resource,
                spans("bsp_max_queue_size", "OTEL_BSP_MAX_QUEUE_SIZE", Export.DEFAULT.queueSize(), MOST_SPANS),
                Duration.ofMillis(spans(
                        "bsp_schedule_delay",
                        "OTEL_BSP_SCHEDULE_DELAY",
                        (int) Export.DEFAULT.delay().toMillis(),
                        Integer.MAX_VALUE)),
                spans(
                        "bsp_max_export_batch_size",
                        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
                        Export.DEFAULT.batchSize(),
                        MOST_SPANS));
    }

    private int spans(String name, String variable, int unset, int most) throws UsageException {
        var given = settings.get("opentelemetry," + name);
        if (given == null) {
            given = line.env(variable).orElse(Integer.toString(unset));
        }
        return CommandLine.number(name, given, 1, most);
    }

    private int number(String name, int unset, int least, int most) throws UsageException {
        var given = settings.get(name);
        return given == null ? unset : CommandLine.number(FLAG + " " + name, given, least, most);
    }
}
