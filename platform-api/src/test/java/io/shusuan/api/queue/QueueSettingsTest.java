package io.shusuan.api.queue;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.awaitility.Awaitility.await;

import io.shusuan.api.testing.Answer;
import io.shusuan.api.testing.ApiTest;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Administrators divide the nodes. */
class QueueSettingsTest extends ApiTest {

    private Answer put(String path, String json) {
        return call("PUT", "/api/v1/" + path).as(admin()).json(json).send();
    }

    private Answer delete(String path) {
        return call("DELETE", "/api/v1/" + path).as(admin()).send();
    }

    @Test
    void whatIsSetIsShownToEverybody() {
        var cohort = unique("cohort");
        var flavour = unique("flavour");
        var queue = unique("queue");
        assertThat(put("flavours/" + flavour, "{\"labels\": {\"gpu\": \"h100\", \"set\": \"%s\"}}".formatted(flavour)))
                .hasStatus(200);
        assertThat(put("cohorts/" + cohort, "{\"weight\": 2}")).hasStatus(200);
        var made = put("queues/" + queue, """
                {"cohort": "%s", "weight": 0.5, "reclaim": "ANY", "minimumRunSeconds": 600, "perUser": {"gpus": 8},
                 "budget": {"gpuHours": 1000, "userGpuHours": 0.5}, "idle": {"action": "NOTIFY", "afterSeconds": 3600}, "quotas": [{"flavour": "%s", "nominal": {"gpus": 16, "cpus": 1.5}, "borrowing": {"gpus": 4}, "lending": {}}]}""".formatted(cohort, flavour));
        assertThat(made).hasStatus(200);
        Assertions.assertThat(made.at("/quotas/0/nominal/cpus")).isEqualTo("1.5");
        Answer all = get(user(), "/api/v1/queues");
        var shown = all.json()
                .valueStream()
                .filter(each -> each.path("name").asString().equals(queue))
                .findFirst()
                .orElseThrow();
        Assertions.assertThat(shown.toString()).contains("""
                "cohort":"%s","weight":0.5,"preemptsLowerPriority":false,"reclaim":"ANY","preemptsForFairShare":false,"minimumRunSeconds":600,"graceSeconds":30,"perUser":{"gpus":8},"budget":{"gpuHours":1000,"userGpuHours":0.5},"idle":{"action":"NOTIFY","afterSeconds":3600,"graceSeconds":900},"quotas":[{"flavour":"%s","nominal":{"cpus":1.5,"gpus":16},"borrowing":{"gpus":4},"lending":{}}],"used":[{"flavour":"%s","amount":{"cpus":0,"memoryMB":0,"gpus":0},"borrowed":{"cpus":0,"gpus":0},"lent":{"cpus":0,"gpus":0},"most":{"cpus":1.5,"gpus":16}}]""".formatted(cohort, flavour, flavour));
        Assertions.assertThat(get(user(), "/api/v1/cohorts").text())
                .contains("{\"name\":\"%s\",\"weight\":2.0".formatted(cohort));
        Assertions.assertThat(get(user(), "/api/v1/flavours").text()).contains(flavour);
        // Making it again without settings leaves them as they are.
        Assertions.assertThat(call("PUT", "/api/v1/queues/" + queue)
                        .as(admin())
                        .send()
                        .at("/cohort"))
                .isEqualTo(cohort);
        assertThat(delete("cohorts/" + cohort)).isProblem(409, "still-used").says("queue " + queue);
        assertThat(delete("flavours/" + flavour)).isProblem(409, "still-used").says("queue " + queue);
        assertThat(put("queues/" + queue, "{}")).hasStatus(200);
        assertThat(delete("cohorts/" + cohort)).hasStatus(204);
        assertThat(delete("flavours/" + flavour)).hasStatus(204);
        assertThat(delete("flavours/" + flavour)).isProblem(404, "not-found");
    }

    @Test
    void onlyAdministratorsDivide() {
        for (var path : new String[] {"queues/x", "cohorts/x", "flavours/x"}) {
            assertThat(call("PUT", "/api/v1/" + path).as(user()).json("{}").send())
                    .isProblem(403, "forbidden");
        }
        assertThat(call("DELETE", "/api/v1/cohorts/x").as(user()).send()).isProblem(403, "forbidden");
        assertThat(call("DELETE", "/api/v1/queues/x").as(user()).send()).isProblem(403, "forbidden");
    }

    @Test
    void aQueueGoesWhenNoJobIsStoredOfItAndItsHistoryStays() {
        var queue = unique("queue");
        assertThat(put("queues/" + queue, "{\"quotas\": [{\"flavour\": \"default\", \"nominal\": {\"gpus\": 1}}]}"))
                .hasStatus(200);
        assertThat(post(admin(), "/api/v1/queues/%s/hold".formatted(queue))).hasStatus(200);
        var text = training(unique("job"), queue, "true");
        var job = submitted(user(), text);
        assertThat(delete("queues/" + queue))
                .isProblem(409, "still-used")
                .says("queue %s has 1 job(s), 1 of them active: delete them first".formatted(queue));
        assertThat(post(admin(), "/api/v1/jobs/%s/stop".formatted(job))).hasStatus(202);
        assertThat(delete("queues/" + queue)).isProblem(409, "still-used").says("0 of them active");
        assertThat(delete("jobs/" + job)).hasStatus(204);
        assertThat(delete("queues/" + queue)).hasStatus(204);
        Assertions.assertThat(get(user(), "/api/v1/queues").text()).doesNotContain(queue);
        var history = get(user(), "/api/v1/queues/%s/history".formatted(queue));
        Assertions.assertThat(history.at("/0/removed")).isEqualTo("true");
        assertThat(submit(user(), text)).isProblem(422, "invalid-spec");
        assertThat(delete("queues/" + queue)).isProblem(404, "not-found");
        assertThat(delete("queues/default")).isProblem(409, "still-used").says("cannot be removed");
        assertThat(delete("queues/A_b")).isProblem(400, "bad-request");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"gpus": -1} | quotas[0].nominal.gpus must be a whole number from 0 to 1000000000, or be left out for no limit, not -1
            {"gpus": 1.5} | quotas[0].nominal.gpus must be a whole number from 0 to 1000000000, or be left out for no limit, not 1.5
            {"memoryMB": 99999999999} | quotas[0].nominal.memoryMB must be a whole number from 0 to 1000000000
            {"cpus": 0.0001} | quotas[0].nominal.cpus must be a number with at most 3 decimals from 0 to 1000000000
            """)
    void absurdNumbersAreNamed(String nominal, String said) {
        assertThat(put(
                        "queues/" + unique("queue"),
                        "{\"quotas\": [{\"flavour\": \"default\", \"nominal\": %s}]}".formatted(nominal)))
                .isProblem(422, "invalid-settings")
                .says(said);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "reclaim": "SOME" | reclaim must be one of NONE, LOWER_PRIORITY and ANY, not 'SOME'
            "budget": {"gpuHours": -1} | budget.gpuHours must be a number of at most two decimals from 0 to 1000000000
            "budget": {"userGpuHours": 0.001} | budget.userGpuHours must be a number of at most two decimals
            "idle": {"action": "KILL"} | idle.action must be one of NONE, WARN, NOTIFY and STOP, not 'KILL'
            "idle": {"afterSeconds": 600} | idle.action is missing: NONE, WARN, NOTIFY or STOP
            "idle": {"action": "STOP", "afterSeconds": 59} | idle.afterSeconds must be 60 or more
            "idle": {"action": "STOP", "graceSeconds": 86401} | idle.graceSeconds must be a whole number from 0 to 86400, not 86401
            "graceSeconds": 3601 | graceSeconds must be a whole number from 0 to 3600, not 3601
            "minimumRunSeconds": -1 | minimumRunSeconds must be a whole number from 0 to 31536000, not -1
            "minimumRunSeconds": 0.5 | minimumRunSeconds must be a whole number from 0 to 31536000, not 0.5
            """)
    void absurdRulesOfEvictionAreNamed(String setting, String said) {
        assertThat(put("queues/" + unique("queue"), "{" + setting + "}"))
                .isProblem(422, "invalid-settings")
                .says(said);
    }

    @Test
    void aQueueIsDrainedStoppedAndOpenedAgain() {
        var queue = unique("queue");
        put("queues/" + queue, "{\"graceSeconds\": 0}");
        var path = "/api/v1/queues/" + queue;
        var owner = user();
        var id = submitted(owner, training(unique("job"), queue, "exec sleep 1000"));
        awaitState(owner, id, "RUNNING");
        Assertions.assertThat(post(admin(), path + "/drain").at("/state")).isEqualTo("DRAINED");
        assertThat(submit(owner, training(unique("late"), queue, "true")))
                .isProblem(422, "invalid-spec")
                .says("queue '%s' is drained: it takes no jobs".formatted(queue));
        assertThat(post(owner, path + "/stop")).isProblem(403, "forbidden");
        assertThat(post(admin(), path + "/stop"))
                .isProblem(409, "would-evict")
                .says("1 job(s) of queue %s run".formatted(queue), "confirm=true");
        Assertions.assertThat(post(admin(), path + "/stop?confirm=true").at("/state"))
                .isEqualTo("STOPPED");
        awaitState(owner, id, "QUEUED");
        var evicted = get(owner, "/api/v1/jobs/" + id + "/evictions").json().path(0);
        Assertions.assertThat(evicted.path("cause").asString()).isEqualTo("QUEUE_STOPPED");
        Assertions.assertThat(evicted.path("run").asInt()).isEqualTo(1);
        Assertions.assertThat(post(admin(), path + "/resume").at("/state")).isEqualTo("OPEN");
        awaitState(owner, id, "RUNNING");
        post(owner, "/api/v1/jobs/" + id + "/stop");
        awaitState(owner, id, "STOPPED");
    }

    @Test
    void allFaultsAreToldAtOnceAndNothingIsMade() {
        var queue = unique("queue");
        var answer = put("queues/" + queue, """
                {"cohort": "A b", "weight": 0, "quotas": [{"flavour": "default", "nominal": {}}, {"flavour": "default"}, {}]}""");
        assertThat(answer).isProblem(422, "invalid-settings");
        Assertions.assertThat(answer.json()
                        .path("errors")
                        .valueStream()
                        .map(error -> error.path("field").asString()))
                .containsExactly(
                        "cohort",
                        "weight",
                        "quotas[1].flavour",
                        "quotas[1].nominal",
                        "quotas[2].flavour",
                        "quotas[2].nominal");
        Assertions.assertThat(get(user(), "/api/v1/queues").text()).doesNotContain(queue);
        assertThat(put("queues/" + queue, "{\"qotas\": []}"))
                .isProblem(400, "bad-request")
                .says("qotas");
        assertThat(put("queues/" + queue, "{\"quotas\": [{\"flavour\": \"default\", \"nominal\": {\"gpus\": 1e400}}]}"))
                .isProblem(400, "bad-request")
                .says("quotas[0].nominal.gpus");
        assertThat(put("queues/" + queue, "{\"quotas\": [{\"flavour\": \"default\", \"nominal\": {\"gpu\": 4}}]}"))
                .isProblem(400, "bad-request")
                .says("quotas[0].nominal.gpu", "cpus, gpus, memoryMB");
    }

    @Test
    void whatIsNotThereIsNamedWithWhatIs() {
        var queue = unique("queue");
        assertThat(put("queues/" + queue, "{\"cohort\": \"nowhere\"}"))
                .isProblem(422, "unknown-cohort")
                .says("there is no cohort 'nowhere'");
        Assertions.assertThat(get(user(), "/api/v1/queues").text()).doesNotContain(queue);
        assertThat(put("queues/" + unique("queue"), "{\"quotas\": [{\"flavour\": \"h900\", \"nominal\": {}}]}"))
                .isProblem(422, "unknown-flavour")
                .says("there is no flavour 'h900'", "default");
    }

    @Test
    void aQueueIsHandedToNobodyWhoIsNotThere() {
        var queue = unique("queue");
        var toKueue = "{\"delegate\": {\"kueue\": {\"localQueue\": \"team-a\"}}}";
        assertThat(put("queues/" + queue, toKueue))
                .isProblem(409, "not-installed")
                .says("there is no Kueue", "only a platform on Kubernetes");
        assertThat(preview("queues/" + queue, toKueue)).isProblem(409, "not-installed");
        Assertions.assertThat(get(user(), "/api/v1/queues").text()).doesNotContain(queue);
        assertThat(put("queues/" + queue, toKueue.replace("team-a", "Team A")))
                .isProblem(422, "invalid-settings")
                .says("delegate.kueue.localQueue must be the name of a LocalQueue of Kueue", "not 'Team A'");
        assertThat(put("queues/" + queue, "{\"delegate\": {}}"))
                .isProblem(422, "invalid-settings")
                .says("delegate must name one of kueue, volcano and kai");
        assertThat(put(
                        "queues/" + queue,
                        "{\"delegate\": {\"volcano\": {\"queue\": \"a\"}, \"kai\": {\"queue\": \"a\"}}}"))
                .isProblem(422, "invalid-settings")
                .says("delegate must name one of kueue, volcano and kai");
        assertThat(put("queues/" + queue, "{\"delegate\": {\"kai\": {}}}"))
                .isProblem(422, "invalid-settings")
                .says("delegate.kai.queue must be the name of a Queue of KAI");
        assertThat(put("queues/" + queue, "{\"delegate\": {\"volcano\": {\"queue\": \"team-a\"}}}"))
                .isProblem(409, "not-installed")
                .says("there is no Volcano");
        assertThat(put("queues/" + queue, "{\"delegate\": {\"slurm\": {}}}"))
                .isProblem(400, "bad-request")
                .says("delegate.slurm", "kueue");
    }

    @Test
    void aCohortCannotBeInItself() {
        var outer = unique("outer");
        var inner = unique("inner");
        put("cohorts/" + outer, "{}");
        assertThat(put("cohorts/" + inner, "{\"parent\": \"%s\"}".formatted(outer)))
                .hasStatus(200);
        assertThat(put("cohorts/" + outer, "{\"parent\": \"%s\"}".formatted(inner)))
                .isProblem(422, "cohort-cycle")
                .says("%s in %s in %s".formatted(inner, outer, inner));
    }

    private Answer preview(String path, String json) {
        return call("POST", "/api/v1/" + path + ":preview")
                .as(admin())
                .json(json)
                .send();
    }

    @Test
    void aChangeSaysBeforehandWhomItConcerns() {
        var queue = unique("queue");
        var narrow = "{\"quotas\": [{\"flavour\": \"default\", \"nominal\": {\"cpus\": 1}}]}";
        var wide = narrow.replace("1}", "2}");
        var closed = narrow.replace("1}", "0.5}");
        put("queues/" + queue, narrow);
        var owner = user();
        var first = submitted(owner, training(unique("first"), queue, "exec sleep 1000"));
        awaitState(owner, first, "RUNNING");
        var second = submitted(owner, training(unique("second"), queue, "exec sleep 1000"));
        await().untilAsserted(() -> Assertions.assertThat(
                        get(owner, "/api/v1/jobs/" + second).at("/reason"))
                .isEqualTo("WaitingForQuota"));

        var more = preview("queues/" + queue, wide);
        assertThat(more).hasStatus(200);
        Assertions.assertThat(more.json().path("effects").valueStream().map(JsonNode::toString))
                .singleElement()
                .asString()
                .contains("\"job\":\"" + second, "\"before\":\"WAITS\",\"after\":\"RUNS\"");
        Assertions.assertThat(more.json().path("stranded")).isEmpty();

        var less = preview("queues/" + queue, closed);
        Assertions.assertThat(less.at("/stranded/0"))
                .isEqualTo("queue %s uses 1 CPU and could have 0.5".formatted(queue));
        Assertions.assertThat(less.at("/effects/0/after")).isEqualTo("NEVER");
        Assertions.assertThat(less.at("/effects/0/reason")).isEqualTo("ExceedsMaxQuota");

        Assertions.assertThat(preview("queues/" + queue, narrow).json().path("effects"))
                .isEmpty();
        Assertions.assertThat(get(owner, "/api/v1/jobs/" + second).at("/state")).isEqualTo("QUEUED");
        assertThat(preview("queues/" + queue, "{\"quotas\": [{\"flavour\": \"nowhere\", \"nominal\": {}}]}"))
                .isProblem(422, "unknown-flavour");
        assertThat(preview("cohorts/" + unique("cohort"), "{}")).hasStatus(200);
        assertThat(call("POST", "/api/v1/queues/" + queue + ":preview")
                        .as(owner)
                        .json("{}")
                        .send())
                .isProblem(403, "forbidden");
        for (var id : new String[] {second, first}) {
            post(owner, "/api/v1/jobs/" + id + "/stop");
            awaitState(owner, id, "STOPPED");
        }
    }

    @Test
    void whatOneBorrowsIsLentByAnother() {
        var cohort = unique("cohort");
        put("cohorts/" + cohort, "{}");
        var owns = "{\"cohort\": \"%s\", \"quotas\": [{\"flavour\": \"default\", \"nominal\": {\"cpus\": %s}}]}";
        var lender = unique("queue");
        var borrower = unique("queue");
        put("queues/" + lender, owns.formatted(cohort, "2"));
        put("queues/" + borrower, owns.formatted(cohort, "0.25"));
        var ada = user();
        var id = submitted(ada, training(unique("job"), borrower, "exec sleep 1000"));
        awaitState(ada, id, "RUNNING");
        Assertions.assertThat(used(borrower)).contains("\"borrowed\":{\"cpus\":0.75}", "\"most\":{\"cpus\":2.25}");
        Assertions.assertThat(used(lender)).contains("\"lent\":{\"cpus\":0.75}", "\"most\":{\"cpus\":2.25}");
        post(ada, "/api/v1/jobs/" + id + "/stop");
        awaitState(ada, id, "STOPPED");
        Assertions.assertThat(used(lender)).contains("\"lent\":{\"cpus\":0}");
    }

    private String used(String queue) {
        return get(user(), "/api/v1/queues")
                .json()
                .valueStream()
                .filter(each -> each.path("name").asString().equals(queue))
                .findFirst()
                .orElseThrow()
                .path("used")
                .toString();
    }

    @Test
    void lessThanWhatRunsHasToBeConfirmed() {
        var queue = unique("queue");
        put("queues/" + queue, "{}");
        var owner = user();
        var id = submitted(owner, training(unique("job"), queue, "exec sleep 1000"));
        awaitState(owner, id, "RUNNING");
        var less = "{\"quotas\": [{\"flavour\": \"default\", \"nominal\": {\"cpus\": 0.5}}]}";
        assertThat(put("queues/" + queue, less))
                .isProblem(409, "quota-below-use")
                .says("queue %s uses 1 CPU and could have 0.5".formatted(queue), "confirm=true");
        var shown = put("queues/" + queue + "?confirm=true", less);
        assertThat(shown).hasStatus(200);
        Assertions.assertThat(shown.at("/used/0/amount/cpus")).isEqualTo("1");
        Assertions.assertThat(shown.at("/used/0/borrowed/cpus")).isEqualTo("0.5");
        Assertions.assertThat(shown.at("/used/0/most/cpus")).isEqualTo("0.5");
        Assertions.assertThat(get(owner, "/api/v1/jobs/" + id).at("/state")).isEqualTo("RUNNING");
        post(owner, "/api/v1/jobs/" + id + "/stop");
        awaitState(owner, id, "STOPPED");
    }
}
