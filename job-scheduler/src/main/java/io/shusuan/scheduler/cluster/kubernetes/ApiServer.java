package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.shusuan.scheduler.cluster.ClusterHealth;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API server, as the platform speaks to it: every call has a deadline and is tried once, since who calls will call
 * again; what went wrong is either a refusal or an unavailability. Knows since when there has been no answer.
 */
final class ApiServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ApiServer.class);

    private final KubernetesClient client;
    private final Clock clock;
    private final MeterRegistry meters;
    private volatile String description;
    private volatile ClusterHealth health;
    private boolean versionKnown;
    private volatile boolean closed;
    private volatile Throwable lastSilence = new IllegalStateException("not asked yet");

    ApiServer(KubernetesSettings settings, Clock clock, MeterRegistry meters) {
        this.clock = clock;
        this.meters = meters;
        this.client = new KubernetesClientBuilder()
                .withConfig(config(settings))
                .withTaskExecutor(Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name("kubernetes-", 0).factory()))
                .build();
        this.description = "Kubernetes at " + address();
        this.health =
                new ClusterHealth.Unreachable(clock.instant(), "The Kubernetes API server has not been asked yet.");
    }

    KubernetesClient client() {
        return client;
    }

    ClusterHealth health() {
        return health;
    }

    /** A call that reads. */
    <T> T read(String operation, Supplier<T> call) throws ClusterUnavailableException {
        var sample = Timer.start(meters);
        try {
            T result = call.get();
            answered();
            stop(sample, operation, "ok");
            return result;
        } catch (KubernetesClientException failure) {
            stop(sample, operation, "unavailable");
            throw unavailable(failure);
        }
    }

    /** A call that writes an object, which may be refused. */
    <T> T write(String operation, String object, Supplier<T> call)
            throws ClusterUnavailableException, ClusterRefusedException {
        var sample = Timer.start(meters);
        try {
            T result = call.get();
            answered();
            stop(sample, operation, "ok");
            return result;
        } catch (KubernetesClientException failure) {
            var refusal = Refusals.of(object, failure);
            if (refusal.isPresent()) {
                answered();
                stop(sample, operation, "refused");
                throw refusal.get();
            }
            stop(sample, operation, "unavailable");
            throw unavailable(failure);
        }
    }

    /** Asks whether the API server is there and ready. */
    void probe() {
        try {
            client.raw("/readyz");
            if (!versionKnown || health instanceof ClusterHealth.Unreachable) {
                description = "Kubernetes %s at %s"
                        .formatted(client.getKubernetesVersion().getGitVersion(), address());
                versionKnown = true;
            }
            answered();
        } catch (KubernetesClientException failure) {
            silent(failure);
        }
    }

    /** What is known is not current when there is nobody to tell of changes. */
    void requireReachable() throws ClusterUnavailableException {
        if (health instanceof ClusterHealth.Unreachable unreachable) {
            throw new ClusterUnavailableException(unreachable.why(), lastSilence);
        }
    }

    /** What is not asked through {@link #read}, since the answer is a stream, got no answer. */
    ClusterUnavailableException silence(Throwable failure) {
        return new ClusterUnavailableException(doesNotAnswer(failure), failure);
    }

    /** Likewise, and this is the answer. */
    ClusterUnavailableException unavailable(int code, String said) {
        return new ClusterUnavailableException(answer(code, said), new IllegalStateException(code + " " + said));
    }

    private ClusterUnavailableException unavailable(KubernetesClientException failure) {
        String sentence = sentence(failure);
        if (failure.getCode() <= 0 || failure.getCode() == 401) {
            silent(failure);
        }
        return new ClusterUnavailableException(sentence, failure);
    }

    private String sentence(KubernetesClientException failure) {
        return failure.getCode() <= 0 ? doesNotAnswer(failure) : answer(failure.getCode(), Refusals.said(failure));
    }

    private String doesNotAnswer(Throwable failure) {
        return "The Kubernetes API server at %s does not answer: %s.".formatted(address(), Silence.why(failure));
    }

    private String answer(int code, String said) {
        return switch (code) {
            case 401 ->
                "The Kubernetes API server at %s does not accept the platform's credentials: renew the token or certificate in its kubeconfig."
                        .formatted(address());
            case 403 ->
                "The platform lacks a right in Kubernetes: %s. deploy/kubernetes/rbac.yaml grants what it needs."
                        .formatted(said);
            default -> "The Kubernetes API server at %s answers %d: %s".formatted(address(), code, said);
        };
    }

    private void answered() {
        if (!(health instanceof ClusterHealth.Reachable known
                && known.description().equals(description))) {
            log.info("The Kubernetes API server answers: {}", description);
            health = new ClusterHealth.Reachable(description);
        }
    }

    private void silent(KubernetesClientException failure) {
        lastSilence = failure;
        String why = sentence(failure);
        var since = clock.instant();
        if (health instanceof ClusterHealth.Unreachable already) {
            since = already.since();
        } else if (!closed) {
            log.warn(why);
        }
        health = new ClusterHealth.Unreachable(since, why);
    }

    private String address() {
        return client.getMasterUrl().toString().replaceAll("/$", "");
    }

    private void stop(Timer.Sample sample, String operation, String outcome) {
        sample.stop(Timer.builder("shusuan.kubernetes.calls")
                .description("time of calls to the Kubernetes API server")
                .tag("operation", operation)
                .tag("outcome", outcome)
                .register(meters));
    }

    private static Config config(KubernetesSettings settings) {
        int timeout = Math.toIntExact(settings.requestTimeout().toMillis());
        return new ConfigBuilder(found(settings))
                .withConnectionTimeout(Math.min(timeout, 3000))
                .withRequestTimeout(timeout)
                .withRequestRetryBackoffLimit(0)
                .withWatchReconnectInterval(1000)
                .withWatchReconnectLimit(-1)
                .withHttp2Disable(true) // one connection for everything is one more thing that can hang
                .withUserAgent("shusuan")
                .build();
    }

    private static Config found(KubernetesSettings settings) {
        Path kubeconfig = settings.kubeconfig();
        String context = settings.context();
        if (kubeconfig == null) {
            return Config.autoConfigure(context);
        }
        if (!Files.isReadable(kubeconfig)) {
            throw new IllegalArgumentException(
                    "Kubernetes setting kubeconfig is '%s'; there is no such readable file".formatted(kubeconfig));
        }
        return context == null
                ? Config.fromKubeconfig(kubeconfig.toFile())
                : Config.fromKubeconfig(context, kubeconfig.toFile());
    }

    @Override
    public void close() {
        closed = true;
        client.close();
    }
}
