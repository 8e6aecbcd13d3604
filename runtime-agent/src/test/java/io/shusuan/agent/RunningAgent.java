package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.backend.Backend;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** An agent on free ports with an HTTP client for it. Closing it fails the test when a buffer was lost. */
public final class RunningAgent implements AutoCloseable {
    private final Agent agent;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Leaks leaks = Leaks.watch();

    private RunningAgent(Agent agent) {
        this.agent = agent;
    }

    public static RunningAgent serving(ModelRepository repository, String... flags) throws InterruptedException {
        return serving(repository, Map.of(), flags);
    }

    /** An agent that finds the given variables in its environment. */
    public static RunningAgent serving(ModelRepository repository, Map<String, String> environment, String... flags)
            throws InterruptedException {
        try {
            return new RunningAgent(Agent.start(options(repository, environment, flags), Agent.backends()));
        } catch (StartException | UsageException failed) {
            throw new AssertionError(failed);
        }
    }

    /** An agent with one more engine, or with another in place of the one of that name. */
    public static RunningAgent serving(ModelRepository repository, Backend more, String... flags)
            throws InterruptedException {
        var backends = new ArrayList<>(Agent.backends());
        backends.removeIf(backend -> backend.name().equals(more.name()));
        backends.add(more);
        try {
            return new RunningAgent(Agent.start(options(repository, flags), backends));
        } catch (StartException | UsageException failed) {
            throw new AssertionError(failed);
        }
    }

    static Options options(ModelRepository repository, String... flags) throws UsageException {
        return options(repository, Map.of(), flags);
    }

    private static Options options(ModelRepository repository, Map<String, String> environment, String... flags)
            throws UsageException {
        var all = new ArrayList<>(List.of(
                "--model-repository",
                repository.folder().toString(),
                "--http-port=0",
                "--grpc-port=0",
                "--metrics-port=0"));
        all.addAll(List.of(flags));
        return CommandLine.parse(all, environment).options();
    }

    public Agent agent() {
        return agent;
    }

    public InetSocketAddress http() {
        return agent.httpAddress().orElseThrow();
    }

    public InetSocketAddress grpc() {
        return agent.grpcAddress().orElseThrow();
    }

    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(request(http(), path).GET().build(), BodyHandlers.ofString());
    }

    public HttpResponse<String> delete(String path) throws IOException, InterruptedException {
        return client.send(request(http(), path).DELETE().build(), BodyHandlers.ofString());
    }

    public String metrics() throws IOException, InterruptedException {
        var address = agent.metricsAddress().orElseThrow();
        var answer = client.send(request(address, "/metrics").GET().build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.body();
    }

    int metricsStatus(String... headers) throws IOException, InterruptedException {
        var request = request(agent.metricsAddress().orElseThrow(), "/metrics").GET();
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.discarding()).statusCode();
    }

    public HttpResponse<String> post(String path, String body, String... headers)
            throws IOException, InterruptedException {
        var request = request(http(), path).POST(BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    /** Sends a request without waiting for its answer. Cancelling the future takes the connection down. */
    public CompletableFuture<HttpResponse<String>> postLater(String path, String body) {
        return client.sendAsync(
                request(http(), path).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    /** Sends JSON followed by bytes. */
    public HttpResponse<byte[]> postBinary(String path, String json, byte[] tensors)
            throws IOException, InterruptedException {
        byte[] head = json.getBytes(StandardCharsets.UTF_8);
        byte[] body = new byte[head.length + tensors.length];
        System.arraycopy(head, 0, body, 0, head.length);
        System.arraycopy(tensors, 0, body, head.length, tensors.length);
        var request = request(http(), path)
                .header("Inference-Header-Content-Length", Integer.toString(head.length))
                .POST(BodyPublishers.ofByteArray(body));
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    private static HttpRequest.Builder request(InetSocketAddress address, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + path));
    }

    @Override
    public void close() {
        client.close();
        agent.close();
        leaks.assertNone();
    }
}
