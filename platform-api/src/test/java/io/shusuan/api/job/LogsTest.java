package io.shusuan.api.job;

import static io.shusuan.api.testing.AnswerAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.api.testing.ApiTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogsTest extends ApiTest {

    @TempDir
    Path folder;

    /** An event as a browser understands it. */
    private record Event(String name, String id, String data) {}

    private static Event next(BufferedReader stream) throws IOException {
        var name = "";
        var id = "";
        var data = new ArrayList<String>();
        while (true) {
            var line = stream.readLine();
            if (line == null) {
                return new Event("closed", "", "");
            }
            if (line.isEmpty() && !name.isEmpty()) {
                return new Event(name, id, String.join("\n", data));
            }
            var colon = line.indexOf(':');
            if (colon <= 0) {
                continue;
            }
            var value = line.substring(line.startsWith(" ", colon + 1) ? colon + 2 : colon + 1);
            switch (line.substring(0, colon)) {
                case "event" -> name = value;
                case "id" -> id = value;
                case "data" -> data.add(value);
                default -> throw new IOException("no field of an event: " + line);
            }
        }
    }

    private BufferedReader follow(String token, String id, String last) {
        var call = call("GET", "/api/v1/jobs/" + id + "/logs").as(token).with("Accept", "text/event-stream");
        if (!last.isEmpty()) {
            call.with("Last-Event-ID", last);
        }
        return new BufferedReader(new InputStreamReader(call.open().body(), StandardCharsets.UTF_8));
    }

    /** Prints 20 lines, waits to be let go, prints 20 more. */
    private String gated(String token, Path gate) {
        return submitted(
                token,
                training(
                        unique("lines"),
                        "default",
                        "seq 1 20; while [ ! -e %s ]; do sleep 0.05; done; seq 21 40".formatted(gate)));
    }

    @Test
    void resumesWithoutLossAndWithoutRepetition() throws IOException {
        var user = user();
        var gate = folder.resolve("go");
        var id = gated(user, gate);
        awaitState(user, id, "RUNNING");
        var seen = new ArrayList<String>();
        var last = "";
        try (var first = follow(user, id, "")) {
            for (var i = 0; i < 13; i++) {
                var event = next(first);
                seen.add(event.data());
                last = event.id();
            }
        }
        Files.createFile(gate);
        try (var second = follow(user, id, last)) {
            for (var event = next(second); !event.name().equals("end"); event = next(second)) {
                seen.add(event.data());
            }
        }

        assertThat(seen)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 40).mapToObj(String::valueOf).toList());
    }

    @Test
    void keepsWhatALineIsMadeOf() throws IOException {
        var user = user();
        var id = submitted(
                user,
                training(
                        unique("odd"),
                        "default",
                        "printf '  indented\\nGröße 🚀\\n10%%\\r20%%\\r30%%\\n\\n: no comment\\n'"));
        awaitState(user, id, "SUCCEEDED");

        var lines = new ArrayList<String>();
        try (var stream = follow(user, id, "")) {
            for (var event = next(stream); event.name().equals("line"); event = next(stream)) {
                lines.add(event.data());
            }
        }

        assertThat(lines).isEqualTo(List.of("  indented", "Größe 🚀", "10%\n20%\n30%", "", ": no comment"));
    }

    @Test
    void givesPlainTextAndItsTail() {
        var user = user();
        var id = submitted(user, training(unique("plain"), "default", "echo Größe; echo b; echo c"));
        awaitState(user, id, "SUCCEEDED");
        var path = "/api/v1/jobs/" + id + "/logs";

        var all = call("GET", path).as(user).with("Accept", "text/plain").send();
        assertThat(all.text()).isEqualTo("Größe\nb\nc\n");
        assertThat(all).hasHeader("X-Attempt", "main-0-1").hasHeader("Content-Type", "text/plain;charset=utf-8");
        assertThat(call("GET", path + "?tail=2")
                        .as(user)
                        .with("Accept", "text/plain")
                        .send()
                        .text())
                .isEqualTo("b\nc\n");
        assertThat(get(user, path + "?task=main-0&tail=1").text()).isEqualTo("c\n");
    }

    @Test
    void saysWhatThereIsWhenATaskIsUnknown() {
        var user = user();
        var id = submitted(user, training(unique("few"), "default", "true"));
        awaitState(user, id, "SUCCEEDED");
        var path = "/api/v1/jobs/" + id + "/logs";

        for (var accept : List.of("text/plain", "text/event-stream", "*/*")) {
            assertThat(call("GET", path + "?task=other-0")
                            .as(user)
                            .with("Accept", accept)
                            .send())
                    .isProblem(404, "not-found")
                    .says("other-0", "main-0");
        }
        assertThat(get(user, path + "?attempt=main-0-9")).isProblem(404, "not-found");
    }

    @Test
    void saysThatAJobHasNotStarted() {
        var user = user();
        var id = submitted(user, training(unique("early"), heldQueue(), "true"));

        assertThat(get(user, "/api/v1/jobs/" + id + "/logs"))
                .isProblem(404, "not-found")
                .says("not started");
    }

    @Test
    void refusesPlacesThatAreNotInThisJob() {
        var user = user();
        var id = submitted(user, training(unique("place"), "default", "true"));
        awaitState(user, id, "SUCCEEDED");
        var path = "/api/v1/jobs/" + id + "/logs";

        for (var place : List.of("../../etc-0-1@0", "main-0-99999999999@0", "other-0-1@5", "@")) {
            assertThat(call("GET", path)
                            .as(user)
                            .with("Accept", "text/event-stream")
                            .with("Last-Event-ID", place)
                            .send())
                    .isProblem(404, "not-found");
        }
        for (var place : List.of("7", "main-0-1@yesterday", "main-0-1@")) {
            assertThat(call("GET", path)
                            .as(user)
                            .with("Accept", "text/event-stream")
                            .with("Last-Event-ID", place)
                            .send())
                    .isProblem(400, "bad-request");
        }
    }

    /** A stream begins on a thread of its own while the one that took the request is still on its way out. */
    @Test
    void everyOneOfManyReadersGetsAWholeAnswer() throws Exception {
        var user = user();
        var id = submitted(user, training(unique("many"), "default", "seq 1 5"));
        awaitState(user, id, "SUCCEEDED");

        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var readers = IntStream.range(0, 16)
                    .mapToObj(i -> threads.submit(() -> call("GET", "/api/v1/jobs/" + id + "/logs")
                            .as(user)
                            .with("Accept", i % 2 == 0 ? "text/event-stream" : "text/plain")
                            .send()))
                    .toList();
            for (var reader : readers) {
                assertThat(reader.get()).hasStatus(200).hasHeader("X-Frame-Options", "DENY");
                assertThat(reader.get().text()).contains("1", "2", "3", "4", "5");
            }
        }
    }
}
