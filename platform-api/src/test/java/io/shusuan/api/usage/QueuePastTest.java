package io.shusuan.api.usage;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.api.testing.Answer;
import io.shusuan.api.testing.ApiTest;
import io.shusuan.db.identity.Role;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What queues had over time, and what was said of them. */
class QueuePastTest extends ApiTest {

    @Autowired
    JdbcClient jdbc;

    private void put(String token, String queue, String json) {
        assertThat(call("PUT", "/api/v1/queues/" + queue).as(token).json(json).send())
                .hasStatus(200);
    }

    private void held(String queue, int gpus, String began, @Nullable String ended) {
        jdbc.sql("""
                        insert into holdings (job_id, run, job_name, owner, queue, flavour, milli_cpus, memory_mib, gpus, began, ended)
                        values (gen_random_uuid(), 1, 'job', 'ada', :queue, 'default', 0, 0, :gpus, cast(:began as timestamptz),
                                cast(:ended as timestamptz))""")
                .param("queue", queue)
                .param("gpus", gpus)
                .param("began", began)
                .param("ended", ended)
                .update();
    }

    private Answer usage(String queue, String more) {
        return get(
                user(), "/api/v1/queues/" + queue + "/usage?from=2026-01-01T00:00:00Z&to=2026-01-01T04:00:00Z" + more);
    }

    @Test
    void whatWasUsedOwnedAndBorrowedIsDerivedFromWhatWasHeldAndSaid() {
        var queue = unique("queue");
        var admin = admin();
        put(admin, queue, "{\"quotas\": [{\"flavour\": \"default\", \"nominal\": {\"gpus\": 4}}]}");
        put(admin, queue, "{\"quotas\": [{\"flavour\": \"default\", \"nominal\": {\"gpus\": 8}}]}");
        jdbc.sql("""
                        update settings_history h set at = timestamptz '2026-01-01T01:00:00Z' + interval '2 hours'
                                * (select count(*) from settings_history b where b.name = h.name and b.id < h.id)
                         where kind = 'QUEUE' and name = :queue""").param("queue", queue).update();
        held(queue, 6, "2026-01-01T00:30:00Z", "2026-01-01T01:30:00Z");
        held(queue, 2, "2025-12-31T00:00:00Z", null);
        held(queue, 100, "2026-01-01T04:00:00Z", "2026-01-01T05:00:00Z");

        assertThat(usage(queue, "").json().path("points").toString()).isEqualTo("""
                [{"at":"2026-01-01T00:00:00Z","used":5.0,"peak":8},\
                {"at":"2026-01-01T01:00:00Z","used":5.0,"peak":8,"nominal":4.0,"borrowed":2.0},\
                {"at":"2026-01-01T02:00:00Z","used":2.0,"peak":2,"nominal":4.0,"borrowed":0.0},\
                {"at":"2026-01-01T03:00:00Z","used":2.0,"peak":2,"nominal":8.0,"borrowed":0.0}]""");
        assertThat(usage(queue, "&resolution=4h").at("/points/0/used")).isEqualTo("3.5");
        var csv = call("GET", "/api/v1/queues/" + queue + "/usage?from=2026-01-01T00:00:00Z&to=2026-01-01T02:00:00Z")
                .as(user())
                .with("Accept", "text/csv")
                .send();
        assertThat(csv.text().replace("\"", "")).isEqualTo("""
                at,used_gpus,peak_gpus,nominal_gpus,borrowed_gpus
                2026-01-01T00:00:00Z,5.0000,8,,
                2026-01-01T01:00:00Z,5.0000,8,4.0000,2.0000
                """);
    }

    @Test
    void itIsKnownWhoChangedWhat() {
        var queue = unique("queue");
        var root = newUser(Role.ADMIN);
        var token = tokenOf(root);
        put(
                token,
                queue,
                "{\"weight\": 2, \"quotas\": [{\"flavour\": \"default\", \"nominal\": {\"gpus\": 4, \"cpus\": 1.5}}]}");
        put(
                token,
                queue,
                "{\"weight\": 2, \"idle\": {\"action\": \"WARN\"}, \"quotas\": [{\"flavour\": \"default\", \"nominal\": {\"gpus\": 8}}]}");
        put(
                token,
                queue,
                "{\"weight\": 2, \"idle\": {\"action\": \"WARN\"}, \"quotas\": [{\"flavour\": \"default\", \"nominal\": {\"gpus\": 8}}]}");
        post(token, "/api/v1/queues/" + queue + "/hold");

        var history = get(user(), "/api/v1/queues/" + queue + "/history");
        assertThat(history.json().size()).isEqualTo(3);
        assertThat(history.at("/0/by")).isEqualTo(root);
        assertThat(history.json().at("/0/changes").toString())
                .isEqualTo("[{\"setting\":\"state\",\"before\":\"OPEN\",\"after\":\"HELD\"}]");
        assertThat(history.json().at("/1/changes").toString()).isEqualTo("""
                [{"setting":"idle.action","before":"NONE","after":"WARN"},\
                {"setting":"quotas.default.nominal.cpus","before":"1.5"},\
                {"setting":"quotas.default.nominal.gpus","before":"4","after":"8"}]""");
        assertThat(history.at("/2/first")).isEqualTo("true");
        assertThat(history.at("/2/by")).isEqualTo(root);
    }

    @Test
    void whatThereWasBeforeIsKnownFromTheUpgradeOn() {
        var history = get(user(), "/api/v1/queues/default/history");
        assertThat(history.json().get(history.json().size() - 1).path("first").asBoolean())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            from=yesterday | from is 'yesterday'; give a time such as 2026-11-01T00:00:00Z
            resolution=0h | resolution is '0h'; give minutes, hours or days, such as 15m, 1h or 1d
            from=2026-01-01T00:00:00Z&to=2026-01-31T00:00:00Z&resolution=5m | it has 8640 points; at most 2000 can be asked for at once
            from=2024-01-01T00:00:00Z&to=2026-01-31T00:00:00Z&resolution=1d | at most 400 can be asked for at once
            from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z | give a from before to
            from=2999-01-01T00:00:00Z | give a from before to
            from=9999-12-31T00:00:00Z | from is '9999-12-31T00:00:00Z'; give a time such as
            """)
    void whatCannotBeAskedForIsSaid(String query, String said) {
        assertThat(get(user(), "/api/v1/queues/default/usage?" + query))
                .isProblem(400, "bad-request")
                .says(said);
    }

    @Test
    void aQueueThatIsNotThereIsNamed() {
        assertThat(get(user(), "/api/v1/queues/nowhere/usage")).isProblem(404, "not-found");
        assertThat(get(user(), "/api/v1/queues/nowhere/history"))
                .isProblem(404, "not-found")
                .says("there is no queue 'nowhere'");
    }
}
