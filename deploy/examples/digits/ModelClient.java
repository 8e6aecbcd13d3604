import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Asks the served model, as any program would: the KServe v2 protocol, JSON over HTTP. */
final class ModelClient implements AutoCloseable {

    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(5);
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(30);
    private static final int QUOTED_CHARACTERS = 300;

    /** The model has one output, so the answer has one list of data; a program of more needs would parse the JSON. */
    private static final Pattern DATA = Pattern.compile("\"data\"\\s*:\\s*\\[([^\\[\\]]*)]");

    private final HttpClient http;
    private final URI infer;
    private final Optional<String> token;

    ModelClient(URI service, Optional<String> token) {
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_PATIENCE)
                .build();
        this.infer = URI.create(service.toString().replaceAll("/+$", "") + "/v2/models/digits/infer");
        this.token = token;
    }

    Answer ask(Digit digit) {
        var request = request(digit);
        long start = System.nanoTime();
        var response = send(request);
        var latency = Duration.ofNanos(System.nanoTime() - start);
        if (response.statusCode() != 200) {
            throw new Fault("POST %s answered %d%s: %s"
                    .formatted(infer, response.statusCode(), advice(response), quoted(response.body())));
        }
        return new Answer(probabilities(response.body()), latency);
    }

    private HttpRequest request(Digit digit) {
        var pixels = IntStream.range(0, Digit.PIXELS)
                .mapToObj(pixel -> Float.toString(digit.pixels()[pixel]))
                .collect(joining(","));
        var body = """
            {"inputs":[{"name":"image","datatype":"FP32","shape":[1,%d],"data":[%s]}]}\
            """.formatted(Digit.PIXELS, pixels);
        var request = HttpRequest.newBuilder(infer)
                .timeout(ANSWER_PATIENCE)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .POST(BodyPublishers.ofString(body));
        token.ifPresent(secret -> authorize(request, secret));
        return request.build();
    }

    private static void authorize(HttpRequest.Builder request, String secret) {
        try {
            request.header("Authorization", "Bearer " + secret.strip());
        } catch (IllegalArgumentException _) {
            throw new Fault("the token holds characters that no HTTP header may hold: was it copied whole?");
        }
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (HttpConnectTimeoutException _) {
            throw new Fault("cannot connect to %s within %d s: is the platform up?"
                    .formatted(infer, CONNECT_PATIENCE.toSeconds()));
        } catch (HttpTimeoutException _) {
            throw new Fault("no answer from %s within %d s".formatted(infer, ANSWER_PATIENCE.toSeconds()));
        } catch (ConnectException _) {
            throw new Fault("cannot connect to %s: is the platform up?".formatted(infer));
        } catch (IOException broken) {
            throw new Fault("the connection to %s broke: %s".formatted(infer, Fault.reason(broken)));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new Fault("interrupted while waiting for " + infer);
        }
    }

    private static String advice(HttpResponse<String> response) {
        return switch (response.statusCode()) {
            case 401, 403 -> " (is the token right?)";
            case 404 -> " (is the inference job running, with a model named digits?)";
            case 502, 503, 504 -> " (no replica is ready)";
            default -> "";
        };
    }

    private float[] probabilities(String body) {
        var data = DATA.matcher(body);
        if (data.find()) {
            try {
                var numbers =
                        Stream.of(data.group(1).split(",")).map(Float::valueOf).toList();
                if (numbers.size() == Digit.CLASSES) {
                    var probabilities = new float[Digit.CLASSES];
                    for (int digit = 0; digit < probabilities.length; digit++) {
                        probabilities[digit] = numbers.get(digit);
                    }
                    return probabilities;
                }
            } catch (NumberFormatException _) {
                // said below, as for too few numbers
            }
        }
        throw new Fault("POST %s answered without %d probabilities: %s".formatted(infer, Digit.CLASSES, quoted(body)));
    }

    private static String quoted(String body) {
        var line = body.replaceAll("\\s+", " ").strip();
        if (line.isEmpty()) {
            return "(empty body)";
        }
        return line.length() <= QUOTED_CHARACTERS ? line : line.substring(0, QUOTED_CHARACTERS) + "…";
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    /** What the model said, and how long the caller waited for it. */
    record Answer(float[] probabilities, Duration latency) {

        int digit() {
            return Digit.mostLikely(probabilities);
        }

        double milliseconds() {
            return latency.toNanos() / 1e6;
        }
    }
}
