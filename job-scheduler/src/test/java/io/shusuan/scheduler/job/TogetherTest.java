package io.shusuan.scheduler.job;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Whoever asks gets its own answer, and those who ask while others are answered get theirs at once. */
class TogetherTest {

    private final List<List<Integer>> asked = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch first = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);

    private final Together<Integer, String> together = new Together<>(questions -> {
        asked.add(questions);
        first.countDown();
        try {
            assertThat(go.await(30, SECONDS)).isTrue();
        } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
        }
        if (questions.contains(-1)) {
            throw new IllegalArgumentException("no");
        }
        return questions.stream().map(each -> "answer " + each).toList();
    });

    private Future<String> begin(int question) {
        var task = new FutureTask<>((Callable<String>) () -> together.ask(question));
        Thread.ofVirtual().start(task);
        return task;
    }

    /** Returns when the question waits for its turn, which another one has. */
    private Future<String> ask(int question) {
        var task = new FutureTask<>((Callable<String>) () -> together.ask(question));
        var asking = Thread.ofVirtual().start(task);
        await().atMost(30, SECONDS)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> asking.getState() == Thread.State.WAITING);
        return task;
    }

    private void occupy() throws InterruptedException {
        var _ = Thread.ofVirtual().start(() -> together.ask(0));
        assertThat(first.await(30, SECONDS)).isTrue();
    }

    @Test
    void whoComesMeanwhileIsAnsweredTogetherNextTime() throws Exception {
        occupy();
        var answers = IntStream.rangeClosed(1, 5).mapToObj(this::ask).toList();
        go.countDown();
        for (var i = 0; i < answers.size(); i++) {
            assertThat(answers.get(i).get(30, SECONDS)).isEqualTo("answer " + (i + 1));
        }
        assertThat(asked).containsExactly(List.of(0), List.of(1, 2, 3, 4, 5));
    }

    @Test
    void whatFailsFailsForThoseOnlyWhoWereToBeAnsweredThen() throws Exception {
        occupy();
        var good = ask(1);
        var bad = ask(-1);
        go.countDown();
        for (var each : List.of(good, bad)) {
            assertThatThrownBy(() -> each.get(30, SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseMessage("no");
        }
        assertThat(together.ask(2)).isEqualTo("answer 2");
    }

    @Test
    void nobodyIsForgottenOrAnsweredTwice() throws Exception {
        go.countDown();
        var askers = IntStream.range(0, 300).mapToObj(this::begin).toList();
        for (var i = 0; i < askers.size(); i++) {
            assertThat(askers.get(i).get(30, SECONDS)).isEqualTo("answer " + i);
        }
        assertThat(asked.stream().flatMap(List::stream))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 300).boxed().toList());
    }
}
