package io.shusuan.scheduler.cluster.local;

import static io.shusuan.scheduler.cluster.local.TestMachine.job;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.cluster.Attempt;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Services that open their ports before they can answer. */
class ReadyByPathTest {

    /** Its port for requests is open all the time; the other one says whether it is ready, or nothing at all. */
    private static final String SERVER = """
            exec python3 -c '
            import http.server, os, socket
            here = os.environ["SHUSUAN_ARTIFACTS"]
            ready = os.path.join(here, "ready")
            requests = socket.create_server(("127.0.0.1", int(os.environ["PORT_0"])))
            mute = socket.create_server(("127.0.0.1", int(os.environ["PORT_2"])))
            class Health(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    known = self.path == "/healthz" and os.path.exists(ready)
                    self.send_response(200 if known else 503)
                    self.end_headers()
                    self.wfile.write(b"x" * 1000)
            http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT_1"])), Health).serve_forever()
            '""";

    private static String readyBy(String port) {
        return job(
                "inference",
                1,
                SERVER,
                "  ports: [8000, {name: health, port: 8001}, {name: mute, port: 8002}]\n  readiness: {path: /healthz, port: %s}\n"
                        .formatted(port));
    }

    @TempDir
    Path home;

    private TestMachine machine;

    @BeforeEach
    void start() throws Exception {
        machine = new TestMachine(home);
    }

    @AfterEach
    void end() throws Exception {
        machine.close();
    }

    private Attempt refused(JobId job) {
        return machine.seen(
                job, each -> each.message() != null && each.message().endsWith("The last answer was 503."));
    }

    @Test
    void aServiceIsReadyWhileItsPathSaysSo() throws Exception {
        var job = machine.run(readyBy("health"));
        var waits = machine.run(readyBy("mute")); // keeps nobody else waiting

        var refused = refused(job);
        assertThat(refused.ready()).isFalse();
        assertThat(refused.message())
                .startsWith("It runs, but GET /healthz on port %d does not say yet that it is ready."
                        .formatted(refused.endpoints().get(1).port()));

        var said = machine.artifacts(job).resolve("ready");
        Files.createFile(said);
        assertThat(machine.seen(job, Attempt::ready).message()).isNull();
        assertThat(machine.newest(waits).ready()).isFalse();

        machine.restart();
        machine.seen(job, Attempt::ready);
        Files.delete(said);
        machine.restart();
        assertThat(refused(job).ready()).isFalse();
        assertThat(machine.newest(job).number()).isOne();
    }
}
