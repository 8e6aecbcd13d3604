package io.shusuan.api.job;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.api.testing.Answer;
import io.shusuan.api.testing.ApiTest;
import io.shusuan.db.identity.Role;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListTest extends ApiTest {

    private static List<String> ids(Answer page) {
        var ids = new ArrayList<String>();
        page.json().path("items").forEach(job -> ids.add(job.path("id").asString()));
        return ids;
    }

    @Test
    void filtersByStateKindOwnerQueueAndText() {
        var name = newUser(Role.USER);
        var user = tokenOf(name);
        var queue = heldQueue();
        var waiting = submitted(user, training(unique("alpha"), queue, "true"));
        var stopped = submitted(user, training(unique("beta"), queue, "true"));
        post(user, "/api/v1/jobs/" + stopped + "/stop");
        var other = submitted(user(), training(unique("gamma"), queue, "true"));
        var mine = "/api/v1/jobs?owner=" + name;

        assertThat(ids(get(user, mine))).containsExactly(stopped, waiting);
        assertThat(ids(get(user, mine + "&state=queued"))).containsExactly(waiting);
        assertThat(ids(get(user, mine + "&state=active"))).containsExactly(waiting);
        assertThat(ids(get(user, mine + "&state=QUEUED&state=stopped"))).containsExactly(stopped, waiting);
        assertThat(ids(get(user, mine + "&state=queued,stopped"))).containsExactly(stopped, waiting);
        assertThat(ids(get(user, mine + "&kind=inference"))).isEmpty();
        assertThat(ids(get(user, mine + "&kind=Training"))).hasSize(2);
        assertThat(ids(get(user, mine + "&text=alp"))).containsExactly(waiting);
        assertThat(ids(get(user, mine + "&text=%25"))).isEmpty();
        assertThat(ids(get(user, "/api/v1/jobs?queue=" + queue))).containsExactly(other, stopped, waiting);
        assertThat(ids(get(user, "/api/v1/jobs?queue=nowhere"))).isEmpty();
    }

    @Test
    void walksAllJobsOnceWhileNewOnesArrive() {
        var user = user();
        var queue = heldQueue();
        var stored = new ArrayList<String>();
        for (var i = 0; i < 12; i++) {
            stored.addFirst(submitted(user, training(unique("walk"), queue, "true")));
        }

        var walked = new ArrayList<String>();
        var next = "";
        do {
            var page = get(user, "/api/v1/jobs?limit=5&queue=" + queue + (next.isEmpty() ? "" : "&before=" + next));
            walked.addAll(ids(page));
            next = page.at("/next");
            submitted(user, training(unique("late"), queue, "true"));
        } while (!next.isEmpty());

        assertThat(walked).containsExactlyElementsOf(stored);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "state=done        | succeeded, failed",
                "state=done        | active",
                "kind=batch        | training, inference",
                "limit=0           | 1 to 200",
                "limit=201         | 1 to 200",
                "limit=many        | a whole number",
                "limit=99999999999 | a whole number",
                "before=yesterday  | cursor",
                "owner=a%00b       | U+0000",
                "text=%00          | U+0000",
            })
    void namesWhatIsAllowed(String query, String allowed) {
        assertThat(get(user(), "/api/v1/jobs?" + query))
                .isProblem(400, "bad-request")
                .isTraceable()
                .says(allowed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%26%7C!():*%27", "%27%27", "a:*", "!!", "%5C", "%3C-%3E", "%F0%9F%9A%80", ""})
    void takesAnyTextToSearchFor(String text) {
        assertThat(get(user(), "/api/v1/jobs?text=" + text)).hasStatus(200);
    }
}
