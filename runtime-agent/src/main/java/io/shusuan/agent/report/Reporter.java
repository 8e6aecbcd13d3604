package io.shusuan.agent.report;

import io.shusuan.agent.Version;
import io.shusuan.agent.backend.Backend;
import io.shusuan.agent.metrics.LatencyHistogram;
import io.shusuan.agent.report.Heartbeat.Endpoints;
import io.shusuan.agent.report.Heartbeat.Engine;
import io.shusuan.agent.report.Heartbeat.Figures;
import io.shusuan.agent.report.Heartbeat.Model;
import io.shusuan.agent.report.Heartbeat.Node;
import io.shusuan.agent.repository.ModelId;
import io.shusuan.agent.repository.ModelStatus;
import io.shusuan.agent.repository.Models;
import io.shusuan.agent.repository.ServedModel;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Posts a heartbeat every few seconds. When the control plane does not take it, one line is logged, the pauses grow, and another
 * line says when it works again; serving is never touched.
 */
public final class Reporter {
    private static final Logger log = System.getLogger(Reporter.class.getName());
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Duration LAST_WORD = Duration.ofSeconds(2);
    private static final int TIMEOUT_MILLIS = 5000;
    private static final int LONGEST_REFUSAL = 500;

    private final URI url;
    private final String token;
    private final Duration interval;
    private final Models models;
    private final List<Backend> backends;
    private final Endpoints endpoints;
    private final Supplier<Optional<Node>> node;
    private final Map<String, String> environment;
    private final String agentId = UUID.randomUUID().toString();
    private final String startedAt = Instant.now().toString();
    private final Thread thread;
    private final Semaphore hurry = new Semaphore(0);
    private volatile Optional<byte[]> lastWord = Optional.empty();
    private final Map<String, Long> previousRequests = new HashMap<>();
    private long previousNanos = System.nanoTime();

    public Reporter(
            String url,
            String token,
            Duration interval,
            Models models,
            List<Backend> backends,
            Endpoints endpoints,
            Supplier<Optional<Node>> node,
            Map<String, String> environment) {
        this.url = URI.create(url);
        this.token = token;
        this.interval = interval;
        this.models = models;
        this.backends = List.copyOf(backends);
        this.endpoints = endpoints;
        this.node = node;
        this.environment = Map.copyOf(environment);
        this.thread = Thread.ofPlatform().daemon().name("report").unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    private void run() {
        var pause = interval;
        boolean failing = false;
        try {
            while (true) {
                var last = lastWord;
                try {
                    post(last.orElseGet(() -> HeartbeatJson.write(beat())));
                    if (failing) {
                        log.log(Level.INFO, "reports reach {0} again", shown());
                    }
                    failing = false;
                    pause = interval;
                } catch (IOException | RuntimeException refused) {
                    if (!failing) {
                        log.log(Level.WARNING, "reports do not reach {0}: {1}; trying on", shown(), refused.toString());
                    }
                    failing = true;
                    pause = min(pause.multipliedBy(2), LONGEST_PAUSE);
                }
                if (last.isPresent()) {
                    return;
                }
                hurry.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
                hurry.drainPermits();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Reports at once: something has happened. */
    public void hurry() {
        hurry.release();
    }

    /**
     * The agent goes away.
     *
     * @param saysSo whether it tells once more how it is now, until {@link #awaitEnd}
     */
    public void end(boolean saysSo) {
        if (saysSo) {
            lastWord = Optional.of(HeartbeatJson.write(beat()));
            hurry();
        } else {
            thread.interrupt();
        }
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** The address without a name and a password that may stand in it. */
    private String shown() {
        return url.getScheme() + "://" + url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort()) + url.getPath();
    }

    private void post(byte[] body) throws IOException {
        var connection = (HttpURLConnection) url.toURL().openConnection();
        try {
            connection.setConnectTimeout(TIMEOUT_MILLIS);
            connection.setReadTimeout(TIMEOUT_MILLIS);
            connection.setInstanceFollowRedirects(false);
            connection.setRequestMethod("POST");
            connection.setRequestProperty("Content-Type", "application/json");
            connection.setRequestProperty("Authorization", "Bearer " + token);
            connection.setDoOutput(true);
            connection.setFixedLengthStreamingMode(body.length);
            try (var out = connection.getOutputStream()) {
                out.write(body);
            }
            int status = connection.getResponseCode();
            if (status / 100 != 2) {
                throw new IOException("it answered " + status + said(connection));
            }
        } finally {
            connection.disconnect();
        }
    }

    /** What stands in an answer that refuses, as far as fits a line. */
    private static String said(HttpURLConnection refusing) throws IOException {
        try (var text = refusing.getErrorStream()) {
            return text == null
                    ? ""
                    : ": " + new String(text.readNBytes(LONGEST_REFUSAL), StandardCharsets.UTF_8).strip();
        }
    }

    private synchronized Heartbeat beat() {
        long now = System.nanoTime();
        double seconds = Math.max(0.001, (now - previousNanos) / 1e9);
        previousNanos = now;
        var shown = new ArrayList<Model>();
        var answering = new HashMap<String, ServedModel>();
        models.ready().forEach(model -> answering.put(key(model.id(), model.version()), model));
        for (var line : models.index()) {
            shown.add(model(line, answering.get(key(line.id(), line.version())), seconds));
        }
        return new Heartbeat(
                agentId,
                AgentIdentity.hostname(),
                Version.current(),
                startedAt,
                AgentIdentity.job(environment),
                node.get(),
                endpoints,
                List.of(AgentIdentity.processor()),
                backends.stream()
                        .map(backend -> new Engine(backend.name(), backend.version(), backend.unavailable()))
                        .toList(),
                shown);
    }

    private Model model(ModelStatus line, @Nullable ServedModel served, double seconds) {
        var version = line.version() > 0 ? Long.toString(line.version()) : "";
        if (served == null) {
            return new Model(
                    line.id().toString(),
                    version,
                    line.state().name(),
                    line.reason(),
                    0,
                    0,
                    0,
                    LatencyHistogram.upperBoundsMs(),
                    zeros(),
                    0,
                    Figures.NONE,
                    List.of());
        }
        var stats = served.statistics().snapshot();
        long errors = stats.failure().count();
        long requests = stats.success().count() + errors;
        var previous = previousRequests.put(key(line.id(), line.version()), requests);
        long since = previous == null || previous > requests ? requests : requests - previous;
        var latency = served.statistics().latency();
        return new Model(
                line.id().toString(),
                version,
                line.state().name(),
                line.reason(),
                requests,
                errors,
                since / seconds,
                LatencyHistogram.upperBoundsMs(),
                Arrays.stream(latency.counts()).boxed().toList(),
                latency.sumMs(),
                Figures.of(served, stats),
                served.gpuMemory());
    }

    private static List<Long> zeros() {
        return new ArrayList<>(
                Collections.nCopies(LatencyHistogram.upperBoundsMs().size() + 1, 0L));
    }

    private static String key(ModelId model, long version) {
        return model + ":" + version;
    }

    /** Waits for the last word, if there is to be one, no longer than a moment. */
    public void awaitEnd() throws InterruptedException {
        if (lastWord.isPresent()) {
            thread.join(LAST_WORD);
        }
        thread.interrupt();
    }
}
