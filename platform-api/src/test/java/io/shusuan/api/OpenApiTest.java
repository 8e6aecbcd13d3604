package io.shusuan.api;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.api.testing.ApiTest;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class OpenApiTest extends ApiTest {

    private static final Pattern ASSET = Pattern.compile("(?:src|href)=\"\\./?([^\"]+)\"");

    private JsonNode document() {
        var answer = get(user(), "/v3/api-docs");
        assertThat(answer).hasStatus(200);
        return answer.json();
    }

    /** Every operation with its address, e.g. {@code post /api/v1/jobs}. */
    private static List<String> operations(JsonNode document) {
        var found = new ArrayList<String>();
        document.path("paths")
                .properties()
                .forEach(path ->
                        path.getValue().propertyNames().forEach(method -> found.add(method + " " + path.getKey())));
        return found;
    }

    @Test
    void describesEveryOperation() {
        assertThat(operations(document()))
                .contains(
                        "post /api/v1/jobs",
                        "get /api/v1/jobs",
                        "get /api/v1/jobs/{id}",
                        "delete /api/v1/jobs/{id}",
                        "get /api/v1/jobs/{id}/spec",
                        "get /api/v1/jobs/{id}/tasks",
                        "get /api/v1/jobs/{id}/events",
                        "get /api/v1/jobs/{id}/logs",
                        "post /api/v1/jobs/{id}/stop",
                        "get /api/v1/queues",
                        "put /api/v1/queues/{name}",
                        "post /api/v1/agents",
                        "post /api/v1/tokens",
                        "get /api/v1/cluster")
                .allSatisfy(operation -> assertThat(operation).contains("/api/v1/"));
    }

    @Test
    void showsHowToSubmit() {
        var content = document().at("/paths/~1api~1v1~1jobs/post/requestBody/content");

        assertThat(content.at("/application~1yaml/examples").toString()).contains("pytorch-inference");
        assertThat(content.at("/text~1yaml/examples").toString()).contains("pytorch-inference");
        assertThat(content.at("/application~1json/examples").toString()).contains("taskRoles");
    }

    @Test
    void showsAnExampleOfEveryBody() {
        var document = document();
        for (var path : document.path("paths").properties()) {
            for (var operation : path.getValue().properties()) {
                var name = operation.getKey() + " " + path.getKey();
                for (var body : operation.getValue().at("/requestBody/content").properties()) {
                    isShown(document, body.getValue(), name + " takes " + body.getKey());
                }
                for (var response : operation.getValue().path("responses").properties()) {
                    if (response.getKey().startsWith("2")) {
                        for (var body : response.getValue().path("content").properties()) {
                            isShown(document, body.getValue(), name + " answers " + body.getKey());
                        }
                    }
                }
            }
        }
    }

    private static void isShown(JsonNode document, JsonNode body, String what) {
        assertThat(body.has("example") || body.has("examples")).as(what).isTrue();
        fits(document, body.path("schema"), body.path("example"), what);
    }

    @Test
    void asksForATokenAndNotForAUser() {
        var document = document();
        var asked = document.at("/paths/~1api~1v1~1tokens/post/requestBody/content/application~1json/schema/$ref")
                .asString();
        assertThat(document.at(asked.substring(1) + "/properties").propertyNames())
                .containsExactlyInAnyOrder("label", "expiresInDays");
    }

    /** No key of an example is one that its schema does not have. */
    private static void fits(JsonNode document, JsonNode schema, JsonNode example, String what) {
        if (schema.has("$ref")) {
            fits(document, document.at(schema.path("$ref").asString().substring(1)), example, what);
        } else if (example.isArray()) {
            example.forEach(each -> fits(document, schema.path("items"), each, what));
        } else if (schema.has("properties")) {
            example.properties().forEach(property -> {
                var known = schema.path("properties").path(property.getKey());
                assertThat(known.isMissingNode())
                        .as("%s: %s", what, property.getKey())
                        .isFalse();
                fits(document, known, property.getValue(), what + "." + property.getKey());
            });
        }
    }

    @Test
    void saysHowEveryOperationRefuses() {
        var document = document();
        for (var path : document.path("paths").properties()) {
            for (var operation : path.getValue().properties()) {
                var responses = operation.getValue().path("responses");
                assertThat(responses
                                .at("/default/content/application~1problem+json/schema")
                                .toString())
                        .as("%s %s", operation.getKey(), path.getKey())
                        .contains("Problem");
                assertThat(operation.getValue().path("summary").asString("")).isNotBlank();
                assertThat(responses.propertyNames()).anyMatch(status -> status.startsWith("2"));
            }
        }
        assertThat(document.at("/paths/~1api~1v1~1jobs/post/responses").propertyNames())
                .contains("201", "400", "409", "413", "415", "422");
        assertThat(document.at("/paths/~1api~1v1~1jobs/post/responses/422/content/application~1problem+json/example")
                        .toString())
                .contains("suggestion");
    }

    @Test
    void pointsAtNothingThatIsNotThere() {
        var document = document();
        for (var reference : document.findValuesAsString("$ref")) {
            assertThat(document.at(reference.substring(1)).isMissingNode())
                    .as(reference)
                    .isFalse();
        }
        assertThat(document.path("openapi").asString()).startsWith("3.");
        assertThat(document.findValuesAsString("operationId")).doesNotHaveDuplicates();
    }

    @Test
    void thePageAndAllItNeedsComesFromHere() {
        var user = user();
        // A token may be sent to pages too; people bring the cookie of the login instead.
        var page =
                call("GET", "/swagger-ui/index.html").with("Cookie", session()).send();
        assertThat(page).hasStatus(200);
        assertThat(page.header("Content-Security-Policy")).isPresent();
        assertThat(page.text()).doesNotContainPattern("<script>[^<]").doesNotContain("https://");

        var assets = ASSET.matcher(page.text())
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(assets).anyMatch(asset -> asset.endsWith(".js")).anyMatch(asset -> asset.endsWith(".css"));
        for (var asset : assets) {
            assertThat(call("GET", "/swagger-ui/" + asset)
                            .with("Cookie", session())
                            .send())
                    .hasStatus(200);
        }
        assertThat(get(user, "/v3/api-docs/swagger-config").at("/url")).isEqualTo("/v3/api-docs");
        var address = call("GET", "/api-docs").with("Cookie", session()).send();
        assertThat(address).hasStatus(302);
        assertThat(address.header("Location"))
                .hasValueSatisfying(at -> assertThat(at).endsWith("/swagger-ui/index.html"));
    }

    private String session() {
        if (session.isEmpty()) {
            session = login();
        }
        return session;
    }

    private String session = "";

    private String login() {
        var page = call("GET", "/login").send();
        var answer = call("POST", "/login")
                .with("Cookie", cookie(page))
                .body(
                        "application/x-www-form-urlencoded",
                        "username=%s&password=correct+horse+battery&_csrf=%s"
                                .formatted(newUser(io.shusuan.db.identity.Role.USER), page.text()))
                .send();
        return cookie(answer);
    }

    private static String cookie(io.shusuan.api.testing.Answer answer) {
        return answer.header("Set-Cookie")
                .map(each -> each.substring(0, each.indexOf(';')))
                .orElseThrow();
    }
}
