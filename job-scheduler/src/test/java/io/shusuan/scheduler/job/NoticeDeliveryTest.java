package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.awaiting;
import static io.shusuan.scheduler.job.TestPlatform.training;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.shusuan.db.job.JobId;
import io.shusuan.db.notice.NoticeKind;
import io.shusuan.scheduler.notice.Notifier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** Notices on their way to the address that the platform has for them: a real server, which answers as the test wants. */
class NoticeDeliveryTest extends OnePlatformEach {

    private final List<String> received = new CopyOnWriteArrayList<>();
    private final CountDownLatch silence = new CountDownLatch(1);
    private volatile int answer = 204;
    private final HttpServer server = server();

    private static HttpServer server() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException noPort) {
            throw new AssertionError(noPort);
        }
    }

    @Override
    TestPlatform open() {
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/hook", exchange -> {
            received.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            if (answer == 0) {
                try {
                    silence.await();
                } catch (InterruptedException end) {
                    Thread.currentThread().interrupt();
                }
            }
            exchange.sendResponseHeaders(answer, -1);
            exchange.close();
        });
        server.start();
        return TestPlatform.on(
                database,
                home,
                0,
                "--shusuan.notices.webhook=http://127.0.0.1:%d/hook"
                        .formatted(server.getAddress().getPort()));
    }

    @Override
    void leave() {
        silence.countDown();
        server.stop(0);
    }

    private JobId tell() {
        var id = platform.submit(training("told", "exec sleep 1000"));
        platform.bean(TransactionTemplate.class)
                .executeWithoutResult(status -> platform.bean(Notifier.class)
                        .tell(platform.job(id), NoticeKind.IDLE_GPUS, "its GPUs do nothing"));
        return id;
    }

    private long count(String which) {
        return platform.bean(JdbcClient.class)
                .sql("select count(*) from notices where " + which)
                .query(Long.class)
                .single();
    }

    @Test
    void aNoticeArrivesWithAllThatItIsAbout() {
        var id = tell();
        awaiting().until(() -> count("delivered_at is not null and next_try is null") == 1);

        assertThat(received).hasSize(1);
        var sent = new JsonMapper().readTree(received.getFirst());
        assertThat(sent.at("/kind").asString()).isEqualTo("IDLE_GPUS");
        assertThat(sent.at("/user").asString()).isEqualTo("ada");
        assertThat(sent.at("/job/id").asString()).isEqualTo(id.toString());
        assertThat(sent.at("/job/name").asString()).isEqualTo("told");
        assertThat(sent.at("/job/queue").asString()).isEqualTo("default");
        assertThat(sent.at("/message").asString()).isEqualTo("its GPUs do nothing");
        assertThat(sent.at("/id").asLong()).isPositive();
    }

    @Test
    void whatIsNotTakenIsTriedAgainAndGivenUpAtLast() {
        answer = 503;
        tell();
        awaiting()
                .until(() -> count(
                                "attempts = 1 and next_try between now() + interval '5 seconds' and now() + interval '15 seconds'")
                        == 1);

        platform.bean(JdbcClient.class)
                .sql("update notices set next_try = now(), attempts = 9")
                .update();
        awaiting().until(() -> count("attempts = 10 and next_try is null") == 1);
        assertThat(received).hasSize(2);
        assertThat(count("delivered_at is not null")).isZero();
    }

    @Test
    void whatFailedOnceArrivesLater() {
        answer = 302;
        tell();
        awaiting()
                .until(() -> count(
                                "attempts = 1 and next_try between now() + interval '5 seconds' and now() + interval '15 seconds'")
                        == 1);
        answer = 200;
        platform.bean(JdbcClient.class)
                .sql("update notices set next_try = now()")
                .update();
        awaiting().until(() -> count("attempts = 2 and delivered_at is not null") == 1);
    }

    @Test
    void aServerThatNeverAnswersIsNotWaitedForForEver() {
        answer = 0;
        tell();
        awaiting().until(() -> !received.isEmpty());
        awaiting()
                .until(() ->
                        count("attempts = 1 and next_try < now() + interval '15 seconds' and next_try > now()") == 1);
    }

    @Test
    void anAddressThatIsNoneIsRefusedAtTheStartWithoutBeingTold() {
        assertThatThrownBy(
                        () -> TestPlatform.on(database, home, 0, "--shusuan.notices.webhook=ftp://secret@example.org"))
                .rootCause()
                .hasMessageContaining("https://example.org/hooks/shusuan")
                .hasMessageNotContaining("secret");
    }
}
