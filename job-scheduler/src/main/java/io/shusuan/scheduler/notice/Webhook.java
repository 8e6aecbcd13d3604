package io.shusuan.scheduler.notice;

import io.shusuan.db.notice.Notice;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Where notices are sent to beside the portal: an address that the platform's operator has set, if any. It may hold a secret, so it is never told. */
@Component
class Webhook {

    static final String PROPERTY = "shusuan.notices.webhook";

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final @Nullable URI address;
    private final JsonMapper json = new JsonMapper();
    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(Redirect.NEVER)
            .build();

    Webhook(@Value("${" + PROPERTY + ":}") String address) {
        this.address = address.isBlank() ? null : parsed(address.strip());
    }

    private static URI parsed(String text) {
        try {
            var address = URI.create(text);
            if (address.getHost() != null
                    && ("http".equalsIgnoreCase(address.getScheme())
                            || "https".equalsIgnoreCase(address.getScheme()))) {
                return address;
            }
        } catch (IllegalArgumentException malformed) {
            // It is told below, as every other address that cannot be sent to.
        }
        throw new InvalidConfigurationPropertyValueException(
                PROPERTY, "(not shown)", "it must be an address such as https://example.org/hooks/shusuan");
    }

    boolean isThere() {
        return address != null;
    }

    /** Sends one. Returns why that was in vain, or null. */
    @Nullable
    String send(Notice notice) throws InterruptedException {
        var request = HttpRequest.newBuilder(address)
                .timeout(ANSWER)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(text(notice)))
                .build();
        try {
            var answer = client.send(request, BodyHandlers.ofInputStream());
            answer.body().close(); // nobody waits for what it says beside its status
            return answer.statusCode() / 100 == 2 ? null : "it answered %d".formatted(answer.statusCode());
        } catch (IOException failed) {
            return failed.getClass().getSimpleName();
        }
    }

    private String text(Notice notice) {
        var body = json.createObjectNode();
        body.put("id", notice.id());
        body.put("kind", notice.kind().name());
        body.put("at", notice.at().toString());
        body.put("user", notice.user());
        body.putObject("job")
                .put("id", notice.job().toString())
                .put("name", notice.jobName())
                .put("queue", notice.queue());
        body.put("message", notice.message());
        return json.writeValueAsString(body);
    }
}
