package io.shusuan.api.security;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.api.testing.Answer;
import io.shusuan.api.testing.ApiTest;
import io.shusuan.db.identity.Role;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class LoginTest extends ApiTest {

    private static final String PASSWORD = "correct horse battery";

    /** A browser: it keeps its cookie and knows the token of the page it looks at. */
    private final class Browser {

        private String cookie = "";
        private String csrf = "";

        Answer open() {
            var page = call("GET", "/login")
                    .with("Cookie", cookie.isEmpty() ? "x=y" : cookie)
                    .send();
            remember(page);
            csrf = page.text();
            return page;
        }

        Answer login(String name, String password) {
            return login(name, password, "10.0.0.1");
        }

        /** @param claimed the address that the request says it was sent on from */
        Answer login(String name, String password, String claimed) {
            open();
            var answer = call("POST", "/login")
                    .with("Cookie", cookie)
                    .with("X-Forwarded-For", claimed)
                    .body(
                            "application/x-www-form-urlencoded",
                            "username=%s&password=%s&_csrf=%s"
                                    .formatted(encoded(name), encoded(password), encoded(csrf)))
                    .send();
            remember(answer);
            return answer;
        }

        private void remember(Answer answer) {
            answer.headers().allValues("Set-Cookie").stream()
                    .filter(each -> each.startsWith("shusuan-session="))
                    .forEach(each -> cookie = each.substring(0, each.indexOf(';')));
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String location(Answer answer) {
        return answer.header("Location").orElse("");
    }

    @Test
    void endsSessionsOfAnotherRoleOrPassword() {
        var name = newUser(Role.USER);
        var browser = new Browser();
        browser.login(name, PASSWORD);
        assertThat(call("GET", "/api/v1/jobs").with("Cookie", browser.cookie).send())
                .hasStatus(200);

        accounts.giveRole(name, Role.ADMIN);
        assertThat(call("GET", "/api/v1/jobs").with("Cookie", browser.cookie).send())
                .hasStatus(401);

        browser.login(name, PASSWORD);
        assertThat(call("GET", "/api/v1/users").with("Cookie", browser.cookie).send())
                .hasStatus(200);
        accounts.setPassword(name, "another good password");
        assertThat(call("GET", "/api/v1/users").with("Cookie", browser.cookie).send())
                .hasStatus(401);
        assertThat(location(browser.login(name, PASSWORD))).contains("/login");
        assertThat(location(browser.login(name, "another good password"))).endsWith("/");
    }

    @Test
    void logsInWithAFreshSession() {
        var name = newUser(Role.USER);
        var browser = new Browser();
        var page = browser.open();
        var before = browser.cookie;

        assertThat(page.headers().firstValue("Set-Cookie").orElse("")).contains("HttpOnly", "SameSite=Lax");
        assertThat(location(browser.login(name, PASSWORD))).endsWith("/");

        assertThat(browser.cookie).isNotEqualTo(before);
        assertThat(call("GET", "/api/v1/jobs").with("Cookie", browser.cookie).send())
                .hasStatus(200);
        assertThat(call("GET", "/api/v1/jobs").with("Cookie", before).send()).isProblem(401, "unauthenticated");
    }

    @Test
    void aCookieAloneChangesNothing() {
        var name = newUser(Role.USER);
        var browser = new Browser();
        browser.login(name, PASSWORD);
        browser.open();
        var text = training(unique("cookie"), heldQueue(), "true");

        assertThat(call("POST", "/api/v1/jobs")
                        .with("Cookie", browser.cookie)
                        .body("application/yaml", text)
                        .send())
                .isProblem(403, "forbidden")
                .says("X-CSRF-TOKEN");
        assertThat(call("POST", "/api/v1/jobs")
                        .with("Cookie", browser.cookie)
                        .with("X-CSRF-TOKEN", browser.csrf)
                        .body("application/yaml", text)
                        .send())
                .hasStatus(201);
    }

    @Test
    void whoIsKeptOutFromNowOnIsOutAtOnce() {
        var name = newUser(Role.USER);
        var browser = new Browser();
        browser.login(name, PASSWORD);
        assertThat(call("GET", "/api/v1/jobs").with("Cookie", browser.cookie).send())
                .hasStatus(200);

        accounts.enable(name, false);

        assertThat(call("GET", "/api/v1/jobs").with("Cookie", browser.cookie).send())
                .isProblem(401, "unauthenticated");
        assertThat(location(browser.login(name, PASSWORD))).endsWith("/login?error");
        accounts.enable(name, true);
        assertThat(call("GET", "/api/v1/jobs").with("Cookie", browser.cookie).send())
                .isProblem(401, "unauthenticated");
        assertThat(location(browser.login(name, PASSWORD))).endsWith("/");
    }

    @Test
    void aStreamThatBeganBeforeTheLogoutEndsInPeace() throws IOException {
        var name = newUser(Role.USER);
        var token = tokenOf(name);
        var flag = HOME.resolve(unique("logged-out"));
        var id = submitted(
                token, training(unique("stream"), "default", "while [ ! -e %s ]; do sleep 0.1; done".formatted(flag)));
        awaitState(token, id, "RUNNING");
        var browser = new Browser();
        browser.login(name, PASSWORD);
        var stream = call("GET", "/api/v1/jobs/" + id + "/logs")
                .with("Cookie", browser.cookie)
                .with("Accept", "text/event-stream")
                .open();
        browser.open();
        call("POST", "/logout")
                .with("Cookie", browser.cookie)
                .body("application/x-www-form-urlencoded", "_csrf=" + encoded(browser.csrf))
                .send();
        Files.createFile(flag);

        assertThat(new String(stream.body().readAllBytes(), StandardCharsets.UTF_8))
                .contains("event:end");
        assertThat(call("GET", "/api/v1/jobs").with("Cookie", browser.cookie).send())
                .isProblem(401, "unauthenticated");
    }

    @Test
    void aBearerTokenNeedsNoPage() {
        assertThat(submit(user(), training(unique("bearer"), heldQueue(), "true")))
                .hasStatus(201);
    }

    @Test
    void stopsLookingAtPasswordsAfterFiveWrongOnes() {
        var name = newUser(Role.USER);
        var browser = new Browser();
        for (var i = 0; i < FailedLogins.TRIES; i++) {
            assertThat(location(browser.login(name, "wrong"))).endsWith("/login?error");
        }

        var answer = browser.login(name.toUpperCase(java.util.Locale.ROOT), PASSWORD);

        assertThat(location(answer)).contains("/login?error&wait=");
        assertThat(answer.header("Retry-After")).isPresent();
        assertThat(location(new Browser().login(newUser(Role.USER), PASSWORD))).endsWith("/");
    }

    @Test
    void doesNotBelieveWhereARequestSaysItComesFrom() {
        var name = newUser(Role.USER);
        var browser = new Browser();
        for (var i = 0; i < FailedLogins.TRIES; i++) {
            browser.login(name, "wrong", "10.1.1." + i);
        }

        assertThat(location(browser.login(name, PASSWORD, "10.1.1.99"))).contains("wait=");
    }

    @Test
    void aRightPasswordEndsTheCount() {
        var name = newUser(Role.USER);
        for (var i = 0; i < 3; i++) {
            for (var j = 1; j < FailedLogins.TRIES; j++) {
                new Browser().login(name, "wrong");
            }
            assertThat(location(new Browser().login(name, PASSWORD))).endsWith("/");
        }
    }

    @Test
    void takesAnythingForAPassword() {
        assertThat(location(new Browser().login("nobody\0", "x".repeat(5000)))).endsWith("/login?error");
        assertThat(location(new Browser().login(newUser(Role.USER), "ä".repeat(100))))
                .endsWith("/login?error");
    }
}
