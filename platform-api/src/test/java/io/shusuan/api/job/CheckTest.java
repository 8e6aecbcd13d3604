package io.shusuan.api.job;

import static io.shusuan.api.testing.AnswerAssert.assertThat;

import io.shusuan.api.testing.Answer;
import io.shusuan.api.testing.ApiTest;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** What would become of a job. */
class CheckTest extends ApiTest {

    private Answer check(String yaml) {
        return call("POST", "/api/v1/jobs:check")
                .as(user())
                .body("application/yaml", yaml)
                .send();
    }

    @Test
    void whatFitsWouldRunNowAndIsNotStored() {
        var name = unique("check");
        var answer = check(training(name, "default", "true"));
        assertThat(answer).hasStatus(200);
        Assertions.assertThat(answer.at("/verdict")).isEqualTo("NOW");
        Assertions.assertThat(answer.at("/nodes/0")).isEqualTo("local");
        Assertions.assertThat(get(user(), "/api/v1/jobs?q=" + name).text()).doesNotContain(name);
    }

    @Test
    void whatStandsBehindOthersIsToldItsPosition() {
        var queue = heldQueue();
        submitted(user(), training(unique("first"), queue, "true"));
        var answer = check(training(unique("check"), queue, "true"));
        Assertions.assertThat(answer.at("/verdict")).isEqualTo("LATER");
        Assertions.assertThat(answer.at("/reason")).isEqualTo("OnHold");
        Assertions.assertThat(answer.at("/position")).isEqualTo("2");
    }

    @Test
    void whatNeverFitsIsToldTheSmallestChanges() {
        var queue = unique("queue");
        call("PUT", "/api/v1/queues/" + queue)
                .as(admin())
                .json("{\"quotas\": [{\"flavour\": \"default\", \"nominal\": {\"cpus\": 3}}]}")
                .send();
        var text = training(unique("check"), queue, "true").replace("taskNumber: 1", "taskNumber: 5");
        var answer = check(text);
        Assertions.assertThat(answer.at("/verdict")).isEqualTo("NEVER");
        Assertions.assertThat(answer.at("/reason")).isEqualTo("ExceedsMaxQuota");
        Assertions.assertThat(answer.at("/message")).contains("asks for 5 CPU", "3 at most");
        Assertions.assertThat(answer.json().path("changes").toString())
                .contains("{\"field\":\"taskRoles[0].taskNumber\",\"value\":3}");
        var changed = check(text.replace("taskNumber: 5", "taskNumber: 3"));
        Assertions.assertThat(changed.at("/verdict")).isNotEqualTo("NEVER");
    }

    @Test
    void aFaultyTextIsRefusedAsASubmissionWouldBe() {
        assertThat(check("jobName: A b\n")).isProblem(422, "invalid-spec");
    }
}
