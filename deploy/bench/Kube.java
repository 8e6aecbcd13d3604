import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The API server of a kubeconfig as the testbed writes it, spoken to with as little as possible: it shares the machine. */
final class Kube {

    static final String JSON = "application/json";
    static final String MERGE = "application/merge-patch+json";
    static final String JOBS = "/apis/batch/v1/jobs";
    static final String PODS = "/api/v1/pods";
    private static final int AT_ONCE = 16;

    private final HttpClient http;
    private final String url;
    private final String token;
    private final JsonMapper json = new JsonMapper();
    private final Semaphore slots = new Semaphore(AT_ONCE);

    Kube(Path kubeconfig) throws Exception {
        var text = Files.readString(kubeconfig);
        url = found("server: \"?([^\",\\s]+)", text);
        token = found("token: ([^},\\s]+)", text);
        var authority = Base64.getDecoder().decode(found("certificate-authority-data: ([^},\\s]+)", text));
        http = HttpClient.newBuilder().sslContext(trusting(authority)).build();
    }

    private static String found(String pattern, String text) {
        var match = Pattern.compile(pattern).matcher(text);
        if (!match.find()) {
            throw new IllegalArgumentException("the kubeconfig has no " + pattern + ": it wants one that the testbed wrote");
        }
        return match.group(1);
    }

    private static SSLContext trusting(byte[] authority) throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry(
                "authority",
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(authority)));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    /** One call, sixteen at once at most; anything but a success is thrown. */
    String send(String method, String path, String type, String body) throws IOException, InterruptedException {
        slots.acquire();
        try {
            var answer = http.send(
                    request(path).header("Content-Type", type).method(method, BodyPublishers.ofString(body)).build(),
                    BodyHandlers.ofString());
            if (answer.statusCode() / 100 != 2) {
                throw new IllegalStateException(
                        "%s %s answered %d: %s".formatted(method, path, answer.statusCode(), answer.body()));
            }
            return answer.body();
        } finally {
            slots.release();
        }
    }

    /** Hears of each object of that kind that is there, and of each change, until the program ends. */
    void watch(String kind, Consumer<JsonNode> change) {
        Thread.ofPlatform().daemon().name("watch").start(() -> {
            var version = "0";
            while (true) {
                try (var lines = new BufferedReader(new InputStreamReader(
                        http.send(
                                        request(kind + "?watch=1&resourceVersion=" + version).build(),
                                        BodyHandlers.ofInputStream())
                                .body(),
                        StandardCharsets.UTF_8))) {
                    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                        var event = json.readTree(line);
                        version = event.at("/object/metadata/resourceVersion").asString(version);
                        change.accept(event);
                    }
                } catch (IOException cutOff) {
                    System.err.println("the watch was cut off: " + cutOff);
                } catch (InterruptedException end) {
                    return;
                }
            }
        });
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path)).header("Authorization", "Bearer " + token);
    }

    /** A node that is ready, of so much. Nobody looks after it, unless KWOK does. */
    void node(String name, String cpus, String memory, int gpus, int pods, boolean cordoned)
            throws IOException, InterruptedException {
        send("POST", "/api/v1/nodes", JSON, """
                {"apiVersion":"v1","kind":"Node","metadata":{"name":"%1$s","labels":{"kubernetes.io/hostname":"%1$s"},
                   "annotations":{"kwok.x-k8s.io/node":"fake"}},
                 "spec":{"unschedulable":%2$s}}""".formatted(name, cordoned));
        send("PATCH", "/api/v1/nodes/%s/status".formatted(name), MERGE, """
                {"status":{"capacity":{"cpu":"%1$s","memory":"%2$s","nvidia.com/gpu":"%3$d","pods":"%4$d"},
                           "allocatable":{"cpu":"%1$s","memory":"%2$s","nvidia.com/gpu":"%3$d","pods":"%4$d"},
                           "conditions":[{"type":"Ready","status":"True"}]}}""".formatted(cpus, memory, gpus, pods));
        // The API server taints each new node until a controller has found it ready.
        send("PATCH", "/api/v1/nodes/" + name, MERGE, "{\"spec\":{\"taints\":null}}");
    }

    void open(String node) throws IOException, InterruptedException {
        send("PATCH", "/api/v1/nodes/" + node, MERGE, "{\"spec\":{\"unschedulable\":null,\"taints\":null}}");
    }
}
