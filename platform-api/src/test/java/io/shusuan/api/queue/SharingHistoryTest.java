package io.shusuan.api.queue;

import static io.shusuan.api.testing.AnswerAssert.assertThat;

import io.shusuan.api.testing.Answer;
import io.shusuan.api.testing.ApiTest;
import io.shusuan.db.identity.Role;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Who changed what of cohorts and flavours. */
class SharingHistoryTest extends ApiTest {

    @Autowired
    JdbcClient jdbc;

    private Answer history(String path) {
        return get(user(), "/api/v1/" + path + "/history");
    }

    @Test
    void itIsKnownWhoChangedACohortAndWhoRemovedIt() {
        var cohort = unique("cohort");
        var root = newUser(Role.ADMIN);
        var token = tokenOf(root);
        for (var json : new String[] {
            "{}", "{\"weight\": 2, \"quotas\": [{\"flavour\": \"default\", \"nominal\": {\"gpus\": 4}}]}"
        }) {
            assertThat(call("PUT", "/api/v1/cohorts/" + cohort)
                            .as(token)
                            .json(json)
                            .send())
                    .hasStatus(200);
        }
        call("DELETE", "/api/v1/cohorts/" + cohort).as(token).send();
        var told = history("cohorts/" + cohort);
        Assertions.assertThat(told.json().size()).isEqualTo(3);
        Assertions.assertThat(told.at("/0/removed")).isEqualTo("true");
        Assertions.assertThat(told.at("/0/by")).isEqualTo(root);
        Assertions.assertThat(told.json().at("/1/changes").toString()).isEqualTo("""
                [{"setting":"flavours","after":"default"},{"setting":"quotas.default.nominal.gpus","after":"4"},\
                {"setting":"weight","before":"1","after":"2"}]""");
        Assertions.assertThat(told.at("/2/first")).isEqualTo("true");
        assertThat(history("cohorts/nowhere")).isProblem(404, "not-found").says("there is no cohort 'nowhere'");
    }

    @Test
    void itIsKnownWhoChangedAFlavour() {
        var flavour = unique("flavour");
        var root = newUser(Role.ADMIN);
        for (var value : new String[] {"a", "b", "b"}) {
            call("PUT", "/api/v1/flavours/" + flavour)
                    .as(tokenOf(root))
                    .json("{\"labels\": {\"example.org/%s\": \"%s\"}}".formatted(flavour, value))
                    .send();
        }
        var told = history("flavours/" + flavour);
        Assertions.assertThat(told.json().size()).isEqualTo(2);
        Assertions.assertThat(told.json().at("/0/changes").toString())
                .isEqualTo("[{\"setting\":\"labels.example.org/%s\",\"before\":\"a\",\"after\":\"b\"}]"
                        .formatted(flavour));
        Assertions.assertThat(told.at("/0/by")).isEqualTo(root);
        Assertions.assertThat(history("flavours/default").text()).contains("\"first\":true");
    }

    @Test
    void whatNobodySaidIsNotedDownToo() {
        var flavour = unique("flavour");
        jdbc.sql("insert into flavours (name, labels) values (:name, '{}')")
                .param("name", flavour)
                .update();
        Assertions.assertThat(history("flavours/" + flavour).json().at("/0/by").isMissingNode())
                .isTrue();
        jdbc.sql("delete from flavours where name = :name")
                .param("name", flavour)
                .update();
        Assertions.assertThat(history("flavours/" + flavour).at("/0/removed")).isEqualTo("true");
    }
}
