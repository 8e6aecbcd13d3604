import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the benchmarks share: options, requests with the token, and quantiles. */
final class Client {

    final Map<String, String> options = new HashMap<>();

    Client(String[] arguments) {
        System.setProperty("http.maxConnections", "64"); // kept alive
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

    String get(String path) throws IOException {
        return answer("GET", path, null, "");
    }

    String put(String path) throws IOException {
        return answer("PUT", path, null, "");
    }

    String put(String path, String body) throws IOException {
        return answer("PUT", path, "application/json", body);
    }

    String delete(String path) throws IOException {
        return answer("DELETE", path, null, "");
    }

    String post(String path, String type, String body) throws IOException {
        return answer("POST", path, type, body);
    }

    /** With the JDK's plain client, which costs a third of the other: both ends share this machine's processors. */
    private String answer(String method, String path, String type, String body) throws IOException {
        var connection = (HttpURLConnection) URI.create(option("url") + path).toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setRequestProperty("Authorization", "Bearer " + System.getenv("SHUSUAN_TOKEN"));
        if (type != null) {
            var bytes = body.getBytes(StandardCharsets.UTF_8);
            connection.setRequestProperty("Content-Type", type);
            connection.setDoOutput(true);
            connection.setFixedLengthStreamingMode(bytes.length);
            connection.getOutputStream().write(bytes);
        }
        var status = connection.getResponseCode();
        try (var in = status / 100 == 2 ? connection.getInputStream() : connection.getErrorStream()) {
            var answer = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
            if (status / 100 != 2) {
                throw new IllegalStateException(method + " " + path + " answered " + status + ": " + answer);
            }
            return answer;
        }
    }

    /** A quantile of times in nanoseconds, in milliseconds with one decimal. */
    static double millis(List<Long> nanos, double quantile) {
        var sorted = nanos.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        var rank = (int) Math.max(0, Math.ceil(quantile * sorted.length) - 1);
        return Math.round(sorted[rank] / 1e5) / 10.0;
    }
}
