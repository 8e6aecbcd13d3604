package io.shusuan.api.security;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.api.testing.ApiTest;
import io.shusuan.db.identity.ApiToken;
import io.shusuan.db.identity.ApiTokens;
import io.shusuan.db.identity.Role;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

class AccessTest extends ApiTest {

    @Autowired
    ApiTokens stored;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/jobs",
                "/api/v1/agents",
                "/api/v1/nothing",
                "/serve/x",
                "/v3/api-docs",
                "/v3/api-docs.yaml",
                "/v3/api-docs/swagger-config",
                "/actuator",
                "/actuator/prometheus",
                "/actuator/env"
            })
    void isClosedToPrograms(String path) {
        assertThat(call("GET", path).send()).isProblem(401, "unauthenticated").hasHeader("WWW-Authenticate", "Bearer");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/api-docs", "/swagger-ui/index.html", "/jobs", "/anything"})
    void sendsPeopleToTheLogin(String path) {
        var answer = call("GET", path).with("Accept", "text/html").send();

        assertThat(answer).hasStatus(302);
        assertThat(answer.header("Location"))
                .hasValueSatisfying(at -> assertThat(at).endsWith("/login"));
    }

    @Test
    void onlyHealthIsOpen() {
        var health = call("GET", "/actuator/health").send();

        assertThat(health).hasStatus(200);
        assertThat(health.text()).contains("UP").doesNotContain("components", "details", "postgres", "cluster");
        assertThat(get(user(), "/actuator/prometheus")).isProblem(403, "forbidden");
        assertThat(get(admin(), "/actuator/prometheus")).hasStatus(200);
        assertThat(get(user(), "/actuator/health").text()).doesNotContain("components");
        assertThat(get(admin(), "/actuator/health").at("/components/cluster/status"))
                .isEqualTo("UP");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "shu_", "shu_wrong", "sha_x.y", "sha_", "garbage", "shu_ä"})
    void refusesTokensThatAreNone(String token) {
        assertThat(call("GET", "/api/v1/jobs")
                        .with("Authorization", "Bearer " + token)
                        .send())
                .isProblem(401, "unauthenticated")
                .hasHeader("WWW-Authenticate", "Bearer");
    }

    @Test
    void refusesOtherSchemes() {
        assertThat(call("GET", "/api/v1/jobs")
                        .with("Authorization", "Basic YWRtaW46YWRtaW4=")
                        .send())
                .isProblem(401, "unauthenticated");
    }

    @Test
    void refusesAnExpiredToken() {
        var user = newUser(Role.USER);
        var past = Instant.now().minusSeconds(60);
        stored.save(new ApiToken(
                UUID.randomUUID(), user, "old", Digest.of("shu_expired").sha256(), past, past.plusSeconds(1)));

        assertThat(get("shu_expired", "/api/v1/jobs")).isProblem(401, "unauthenticated");
    }

    @Test
    void revokesATokenAtOnce() {
        var user = user();
        var made = call("POST", "/api/v1/tokens")
                .as(user)
                .json("{\"label\": \"short\"}")
                .send();
        assertThat(made).hasStatus(201);
        var token = made.at("/token");
        assertThat(get(token, "/api/v1/jobs")).hasStatus(200);

        assertThat(call("DELETE", "/api/v1/tokens/" + made.at("/id")).as(user).send())
                .hasStatus(204);

        assertThat(get(token, "/api/v1/jobs")).isProblem(401, "unauthenticated");
        assertThat(get(user, "/api/v1/jobs")).hasStatus(200);
    }

    @Test
    void revokesOnlyOnesOwnTokens() {
        var made = call("POST", "/api/v1/tokens").as(user()).json("{}").send();

        assertThat(call("DELETE", "/api/v1/tokens/" + made.at("/id"))
                        .as(admin())
                        .send())
                .isProblem(404, "not-found");
        assertThat(get(made.at("/token"), "/api/v1/jobs")).hasStatus(200);
    }

    @Test
    void keepsADisabledUserOutAtOnce() {
        var name = newUser(Role.USER);
        var token = tokenOf(name);
        assertThat(get(token, "/api/v1/jobs")).hasStatus(200);

        accounts.enable(name, false);
        assertThat(get(token, "/api/v1/jobs")).isProblem(401, "unauthenticated");

        accounts.enable(name, true);
        assertThat(get(token, "/api/v1/jobs")).hasStatus(200);
    }

    @Test
    void changesAUserForAdministratorsAlone() {
        var name = newUser(Role.USER);
        var token = tokenOf(name);
        var path = "/api/v1/users/" + name;
        assertThat(call("PATCH", path).as(token).json("{\"role\": \"ADMIN\"}").send())
                .isProblem(403, "forbidden");
        assertThat(get(token, "/api/v1/users")).isProblem(403, "forbidden");

        var changed =
                call("PATCH", path).as(admin()).json("{\"role\": \"ADMIN\"}").send();

        assertThat(changed).hasStatus(200);
        assertThat(changed.at("/role")).isEqualTo("ADMIN");
        assertThat(get(token, "/api/v1/users")).hasStatus(200);
        assertThat(call("PATCH", path).as(token).json("{\"enabled\": false}").send())
                .isProblem(400, "bad-request")
                .says("another administrator");
        assertThat(call("PATCH", path)
                        .as(admin())
                        .json("{\"password\": \"short\"}")
                        .send())
                .isProblem(400, "bad-request")
                .says("at least 10");
        assertThat(call("PATCH", "/api/v1/users/nobody-at-all")
                        .as(admin())
                        .json("{\"enabled\": true}")
                        .send())
                .isProblem(404, "not-found");
    }

    @Test
    void keepsTokensAsDigestsOnly() {
        var token = user();

        assertThat(stored.findBySha256(Digest.of(token).sha256())).isPresent();
        assertThat(get(token, "/api/v1/tokens").text()).doesNotContain(token, "sha256");
    }

    @Test
    void leavesQueuesAndUsersToAdministrators() {
        var user = user();

        assertThat(call("PUT", "/api/v1/queues/mine").as(user).send()).isProblem(403, "forbidden");
        assertThat(post(user, "/api/v1/queues/default/hold")).isProblem(403, "forbidden");
        assertThat(get(user, "/api/v1/users")).isProblem(403, "forbidden");
        assertThat(call("POST", "/api/v1/users").as(user).json("{}").send()).isProblem(403, "forbidden");
        assertThat(get(user, "/api/v1/queues")).hasStatus(200);
    }

    @Test
    void sendsTheHeadersThatProtectBrowsers() {
        assertThat(get(user(), "/api/v1/jobs"))
                .hasHeader("X-Content-Type-Options", "nosniff")
                .hasHeader("X-Frame-Options", "DENY");
        assertThat(call("GET", "/login").send().header("Content-Security-Policy"))
                .hasValueSatisfying(
                        policy -> assertThat(policy).contains("default-src 'self'", "frame-ancestors 'none'"));
    }
}
