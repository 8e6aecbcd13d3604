package io.shusuan.api.serving;

import io.shusuan.api.testing.Answer;
import io.shusuan.api.testing.ApiTest;
import io.shusuan.api.testing.Call;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** A test with an inference job of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ServingCase extends ApiTest {

    private final Class<?> server;
    private final int replicas;
    private String id = "";

    String owner = "";
    String user = "";
    String job = "";

    ServingCase(Class<?> server, int replicas) {
        this.server = server;
        this.replicas = replicas;
    }

    @BeforeAll
    void start() {
        owner = newUser(io.shusuan.db.identity.Role.USER);
        user = tokenOf(owner);
        job = unique("replicas");
        id = submitted(user, """
                jobName: %s
                taskRoles:
                - name: server
                  taskNumber: %d
                  cpuNumber: 1
                  memoryMB: 256
                  command: exec '%s' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx64m -cp '%s' %s
                  dockerImage: example/none:v1
                  ports: [8000]
                """.formatted(
                        job,
                        replicas,
                        Path.of(System.getProperty("java.home"), "bin", "java"),
                        System.getProperty("java.class.path"),
                        server.getName()));
        awaitState(user, id, "RUNNING");
    }

    @AfterAll
    void stop() {
        post(user, "/api/v1/jobs/" + id + "/stop");
        awaitState(user, id, "STOPPED");
    }

    String id() {
        return id;
    }

    Call serve(String method, String rest) {
        return call(method, "/serve/" + job + rest).as(user);
    }

    /** A line of an echo, by what it begins with. */
    static String line(Answer echo, String name) {
        return echo.text()
                .lines()
                .takeWhile(line -> !line.isEmpty())
                .filter(line -> line.startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .findFirst()
                .orElse("");
    }
}
