import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** An agent that serves a repository, or tells of its node, as a process of its own. */
final class ServedAgent implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("ready in \\d+ ms(?:, HTTP (\\S+), gRPC (\\S+))?, metrics (\\S+)");
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Process process;
    private final Path log;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private String http = "";
    private String grpc = "";
    private String metrics = "";

    ServedAgent(Setting setting, Path repository, String... flags) throws IOException, InterruptedException {
        this(repository.resolveSibling(repository.getFileName() + ".log"), words(setting, repository, flags));
    }

    /** One that serves no models. */
    static ServedAgent ofNode(Setting setting, String reportUrl) throws IOException, InterruptedException {
        return new ServedAgent(
                setting.fresh("node").resolve("agent.log"),
                List.of(setting.agent(), "--node", "--metrics-port=0", "--report-url=" + reportUrl, "--engine-cache=off"));
    }

    private static List<String> words(Setting setting, Path repository, String... flags) {
        var words = new ArrayList<>(List.of(
                setting.agent(), "--model-repository=" + repository, "--http-port=0", "--grpc-port=0", "--metrics-port=0",
                "--allow-client-shm=true", "--model-control-mode=explicit", "--load-model=*", "--engine-cache=off"));
        words.addAll(List.of(flags));
        return words;
    }

    private ServedAgent(Path log, List<String> words) throws IOException, InterruptedException {
        this.log = log;
        process = new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            awaitReady();
        } catch (IOException | InterruptedException failed) {
            close();
            throw failed;
        }
    }

    private void awaitReady() throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            var ready = READY.matcher(Files.readString(log));
            if (ready.find()) {
                http = ready.group(1);
                grpc = ready.group(2);
                metrics = ready.group(3);
                return;
            }
            if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
                throw new IOException("the agent ended with " + process.exitValue() + ": " + tail());
            }
        }
        throw new IOException("the agent is not ready after " + PATIENCE.toMinutes() + " minutes: " + tail());
    }

    String tail() throws IOException {
        var lines = Files.readAllLines(log);
        return String.join(" | ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
    }

    String http() {
        return "http://" + http;
    }

    String grpc() {
        return "grpc://" + grpc;
    }

    HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return client.send(request(path).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    /** Posts the body, or asks where there is none. */
    HttpResponse<String> call(String path, String body) throws IOException, InterruptedException {
        return body == null ? client.send(request(path).build(), BodyHandlers.ofString()) : post(path, body);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(http() + path)).timeout(PATIENCE);
    }

    String index() throws IOException, InterruptedException {
        return post("/v2/repository/index", "{}").body();
    }

    /** Answers as bytes: the first output's alone. */
    HttpResponse<byte[]> infer(Tensors tensors, int batch) throws IOException, InterruptedException {
        var body = tensors.request(batch);
        return client.send(
                request("/v2/models/" + tensors.model() + "/infer")
                        .header("Inference-Header-Content-Length", Integer.toString(body.head()))
                        .POST(BodyPublishers.ofByteArray(body.bytes()))
                        .build(),
                BodyHandlers.ofByteArray());
    }

    /** The answer's numbers, or a reason why there are none. */
    float[] answer(Tensors tensors, int batch) throws IOException, InterruptedException {
        var answer = infer(tensors, batch);
        if (answer.statusCode() != 200) {
            throw new IOException(tensors.model() + " answered " + answer.statusCode() + ": " + new String(answer.body()));
        }
        int head = Integer.parseInt(answer.headers().firstValue("Inference-Header-Content-Length").orElseThrow());
        return Tensors.floats(answer.body(), head);
    }

    HttpResponse<String> load(String model) throws IOException, InterruptedException {
        return post("/v2/repository/models/" + model + "/load", "{}");
    }

    boolean isReady(String model) throws IOException, InterruptedException {
        return client.send(request("/v2/models/" + model + "/ready").build(), BodyHandlers.discarding()).statusCode() == 200;
    }

    String metrics() throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create("http://" + metrics + "/metrics")).build(), BodyHandlers.ofString()).body();
    }

    double residentMb() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                .sum();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
        client.close();
    }
}
