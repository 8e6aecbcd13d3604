package io.shusuan.api.usage;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shusuan.api.testing.Answer;
import io.shusuan.api.testing.ApiTest;
import io.shusuan.db.identity.Role;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** What was held, and who answers for it. Where days matter they are of the year 2020, in which nothing else has run. */
class UsageTest extends ApiTest {

    private static final String MARCH = "&from=2020-03-01&to=2020-03-31";

    @Autowired
    private JdbcClient sql;

    private String name;
    private String token;
    private String queue;

    @BeforeEach
    void somebody() {
        name = newUser(Role.USER);
        token = tokenOf(name);
        queue = unique("accounts");
        assertThat(call("PUT", "/api/v1/queues/" + queue).as(admin()).send()).hasStatus(200);
    }

    private String ran() {
        var id = submitted(token, training(unique("account"), queue, "true"));
        awaitState(token, id, "SUCCEEDED");
        return id;
    }

    private void held(String job, String from, String to) {
        var changed = sql.sql("""
                        update holdings set gpus = 2, began = cast(:from as timestamptz), ended = cast(:to as timestamptz)
                         where job_id = :job""")
                .param("from", from)
                .param("to", to)
                .param("job", UUID.fromString(job))
                .update();
        assertThat(changed).isOne();
    }

    private List<JsonNode> items(String query) {
        var answer = get(token, "/api/v1/usage?" + query);
        assertThat(answer).hasStatus(200);
        var items = new ArrayList<JsonNode>();
        answer.json().path("items").forEach(items::add);
        return items;
    }

    private JsonNode only(String query) {
        var items = items(query);
        assertThat(items).hasSize(1);
        return items.getFirst();
    }

    @Test
    void aHoldingCountsForThePartThatLiesInThePeriod() {
        held(ran(), "2020-02-29T12:00:00Z", "2020-03-02T06:00:00Z");
        var mine = "by=queue&queue=" + queue + MARCH;

        var sum = only(mine);
        assertThat(sum.path("key").asString()).isEqualTo(queue);
        assertThat(sum.path("jobs").asInt()).isOne();
        assertThat(sum.path("gpuHours").asDouble()).isEqualTo(60);
        assertThat(sum.path("cpuHours").asDouble()).isEqualTo(30);
        assertThat(sum.path("memoryGBHours").asDouble()).isEqualTo(1.875);
        assertThat(only(mine + "&zone=Asia/Shanghai").path("cpuHours").asDouble())
                .isEqualTo(38);
        assertThat(items("by=day&queue=" + queue + MARCH))
                .extracting(day ->
                        day.path("key").asString() + " " + day.path("cpuHours").asInt())
                .containsExactly("2020-03-01 24", "2020-03-02 6");
        assertThat(items("by=queue&from=2020-04-01&to=2020-04-30&queue=" + queue))
                .isEmpty();
    }

    @Test
    void isSummedByUserJobAndFlavourTheLargestFirst() {
        var small = ran();
        var large = ran();
        held(small, "2020-03-01T00:00:00Z", "2020-03-01T01:00:00Z");
        held(large, "2020-03-01T00:00:00Z", "2020-03-01T02:00:00Z");
        var mine = "&queue=" + queue + MARCH;

        assertThat(only("by=user" + mine).path("key").asString()).isEqualTo(name);
        assertThat(only("by=flavour" + mine).path("gpuHours").asDouble()).isEqualTo(6);
        assertThat(items("by=job" + mine))
                .extracting(job -> job.path("key").asString())
                .containsExactly(large, small);
        assertThat(only("by=job&limit=1" + mine).path("name").asString()).startsWith("account-");
        assertThat(items("by=user&user=nobody" + mine)).isEmpty();
    }

    @Test
    void whatIsHeldStillCountsUpToNowAndNoLongerThanItIsHeld() {
        var id = submitted(token, training(unique("goes-on"), queue, "sleep 1000"));
        awaitState(token, id, "RUNNING");
        var today = LocalDate.now(ZoneOffset.UTC);
        var mine = "by=job&queue=%s&from=%s&to=%s".formatted(queue, today.minusDays(1), today.plusDays(1));
        await().until(() -> only(mine).path("cpuHours").asDouble() > 0);

        post(token, "/api/v1/jobs/" + id + "/stop");
        awaitState(token, id, "STOPPED");
        assertThat(sql.sql("select count(*) from holdings where job_id = :job and ended is null")
                        .param("job", UUID.fromString(id))
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    void accountsOutliveTheJob() {
        var id = ran();
        held(id, "2020-03-01T00:00:00Z", "2020-03-01T01:00:00Z");
        assertThat(call("DELETE", "/api/v1/jobs/" + id).as(token).send()).hasStatus(204);

        assertThat(only("by=job&queue=" + queue + MARCH).path("key").asString()).isEqualTo(id);
    }

    @Test
    void anEvictionIsChargedToThePreemptor() {
        var victim = ran();
        var preemptor = ran();
        sql.sql("""
                        insert into evictions (job_id, run, at, cause, preemptor, wasted_gpu_seconds)
                        values (:victim, 1, '2020-03-05T12:00:00Z', 'RECLAIM', :preemptor, 5400)""")
                .param("victim", UUID.fromString(victim))
                .param("preemptor", UUID.fromString(preemptor))
                .update();

        assertThat(items("by=job&queue=" + queue + MARCH))
                .extracting(job -> job.path("key").asString() + " "
                        + job.path("wastedGpuHours").asDouble() + " "
                        + job.path("chargedGpuHours").asDouble())
                .containsExactlyInAnyOrder(victim + " 1.5 0.0", preemptor + " 0.0 1.5");
        var both = only("by=day&queue=" + queue + MARCH);
        assertThat(both.path("key").asString()).isEqualTo("2020-03-05");
        assertThat(both.path("jobs").asInt()).isZero();
        assertThat(both.path("wastedGpuHours").asDouble()).isEqualTo(1.5);
    }

    @Test
    void aPreemptorThatHeldNothingOnThoseDaysHasItsNameEvenWhenItIsDeleted() {
        var victim = ran();
        var preemptor = ran();
        sql.sql("""
                        insert into evictions (job_id, run, at, cause, preemptor, wasted_gpu_seconds)
                        values (:victim, 1, '2020-03-06T12:00:00Z', 'RECLAIM', :preemptor, 5400)""")
                .param("victim", UUID.fromString(victim))
                .param("preemptor", UUID.fromString(preemptor))
                .update();
        for (var job : List.of(victim, preemptor)) {
            assertThat(call("DELETE", "/api/v1/jobs/" + job).as(token).send()).hasStatus(204);
        }
        assertThat(items("by=job&queue=" + queue + MARCH))
                .hasSize(2)
                .allSatisfy(job -> assertThat(job.path("name").asString()).startsWith("account-"));
        assertThat(only("by=user&queue=" + queue + MARCH).path("name").isMissingNode())
                .isTrue();
    }

    @Test
    void isATableForSpreadsheets() {
        var id = ran();
        held(id, "2020-03-01T00:00:00Z", "2020-03-01T00:20:00Z");
        Answer csv = call("GET", "/api/v1/usage?by=job&queue=" + queue + MARCH)
                .as(token)
                .with("Accept", "text/csv")
                .send();
        assertThat(csv).hasStatus(200);
        assertThat(csv.text().replace("\"", "").lines())
                .satisfiesExactly(
                        head -> assertThat(head)
                                .isEqualTo(
                                        "job,name,jobs,gpu_hours,cpu_hours,memory_gb_hours,wasted_gpu_hours,charged_gpu_hours"),
                        line -> assertThat(line)
                                .startsWith(id + ",account-")
                                .endsWith(",1,0.6667,0.3333,0.0208,0.0000,0.0000"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            by=owner                             | by is 'owner'; give one of queue, user, job, flavour, day
            from=2026-02-30                      | from is '2026-02-30'; give a day such as
            to=tomorrow                          | to is 'tomorrow'; give a day such as
            from=0001-01-01                      | from is '0001-01-01'; give a day from 1970 to 9998
            to=9999-12-31                        | to is '9999-12-31'; give a day from 1970 to 9998
            from=2026-02-02&to=2026-02-01        | it ends on 2026-02-01, before its first day 2026-02-02
            from=2024-01-01&to=2026-01-01        | it has 732 days; at most 400
            zone=Nowhere/Land                    | zone is 'Nowhere/Land'; give a time zone such as
            zone=%20%3B                          | zone is ';'; give a time zone such as
            queue=%00                            | U+0000
            limit=0                              | limit is 0; give 1 to 1000
            """)
    void whatCannotBeAnsweredIsSaid(String query, String sentence) {
        assertThat(get(token, "/api/v1/usage?" + query))
                .isProblem(400, "bad-request")
                .says(sentence);
    }

    @Test
    void aTableThatIsTooLongIsRefusedAndNotCutOff() {
        sql.sql("""
                        insert into holdings (job_id, run, job_name, owner, queue, flavour, milli_cpus, memory_mib, gpus, began, ended)
                        select gen_random_uuid(), 1, 'many', 'crowd', 'default', 'default', 1, 1, 0,
                               timestamptz '2001-01-01 00:00Z', timestamptz '2001-01-01 01:00Z'
                          from generate_series(1, 50001)""").update();
        var query = "/api/v1/usage?by=job&user=crowd&from=2001-01-01&to=2001-01-02";
        assertThat(call("GET", query).as(token).with("Accept", "text/csv").send())
                .hasStatus(400)
                .says("more than 50,000 lines");
        assertThat(get(token, query)).hasStatus(200);
    }

    @Test
    void strangersSeeNothing() {
        assertThat(call("GET", "/api/v1/usage").send()).isProblem(401, "unauthenticated");
    }
}
