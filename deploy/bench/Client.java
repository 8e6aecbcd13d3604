import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the benchmarks share: options, requests with the token, and quantiles. */
final class Client {

    final Map<String, String> options = new HashMap<>();
    final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    Client(String[] arguments) {
        for (var i = 0; i + 1 < arguments.length; i += 2) {
            options.put(arguments[i].substring(2), arguments[i + 1]);
        }
    }

    String option(String name) {
        var value = options.get(name);
        if (value == null) {
            throw new IllegalArgumentException("--" + name + " is missing");
        }
        return value;
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(option("url") + path))
                .header("Authorization", "Bearer " + System.getenv("SHUSUAN_TOKEN"));
    }

    String get(String path) throws IOException, InterruptedException {
        return checked(http.send(request(path).build(), BodyHandlers.ofString()));
    }

    String put(String path) throws IOException, InterruptedException {
        return checked(http.send(request(path).PUT(BodyPublishers.noBody()).build(), BodyHandlers.ofString()));
    }

    String post(String path, String type, String body) throws IOException, InterruptedException {
        var request = request(path).header("Content-Type", type).POST(BodyPublishers.ofString(body)).build();
        return checked(http.send(request, BodyHandlers.ofString()));
    }

    static String checked(HttpResponse<String> answer) {
        if (answer.statusCode() / 100 != 2) {
            throw new IllegalStateException(answer.request().uri() + " answered " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body();
    }

    /** A quantile of times in nanoseconds, in milliseconds with one decimal. */
    static double millis(List<Long> nanos, double quantile) {
        var sorted = nanos.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        var rank = (int) Math.max(0, Math.ceil(quantile * sorted.length) - 1);
        return Math.round(sorted[rank] / 1e5) / 10.0;
    }
}
