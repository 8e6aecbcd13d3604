package io.shusuan.scheduler.job;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** One worker per key, one more run for all that was asked meanwhile, one timer per key. */
class KeyedWorkTest {

    @Test
    void aKeyHasOneWorkerAtATimeAndNoAskingIsLost() throws Exception {
        var wanted = new AtomicIntegerArray(5);
        var done = new AtomicIntegerArray(5);
        var inside = new AtomicIntegerArray(5);
        var collisions = new AtomicInteger();
        try (var work = new KeyedWork<Integer>(4, key -> {
            if (inside.incrementAndGet(key) > 1) {
                collisions.incrementAndGet();
            }
            done.set(key, wanted.get(key));
            inside.decrementAndGet(key);
            return null;
        })) {
            var askers = IntStream.range(0, 16)
                    .mapToObj(i -> Thread.ofVirtual().start(() -> {
                        for (var round = 0; round < 500; round++) {
                            var key = (i * 7 + round) % 5;
                            wanted.incrementAndGet(key);
                            work.poke(key);
                        }
                    }))
                    .toList();
            for (var asker : askers) {
                asker.join();
            }
            await().atMost(30, SECONDS).until(() -> work.size() == 0);
            assertThat(collisions).hasValue(0);
            assertThat(done).hasToString(wanted.toString());
        }
    }

    @Test
    void whatIsAskedForDuringARunIsOneMoreRun() throws Exception {
        var begun = new Semaphore(0);
        var go = new Semaphore(0);
        var runs = new AtomicInteger();
        try (var work = new KeyedWork<String>(1, key -> {
            runs.incrementAndGet();
            begun.release();
            go.acquireUninterruptibly();
            return null;
        })) {
            work.poke("key");
            begun.acquire();
            for (var i = 0; i < 100; i++) {
                work.poke("key");
            }
            go.release(100);
            await().atMost(30, SECONDS).until(() -> work.size() == 0);
            assertThat(runs).hasValue(2);
        }
    }

    @Test
    void atMostSoManyKeysAreWorkedOnAtOnce() throws Exception {
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        try (var work = new KeyedWork<Integer>(3, key -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            inside.decrementAndGet();
            return null;
        })) {
            IntStream.range(0, 1000).forEach(work::poke);
            await().atMost(30, SECONDS).until(() -> work.size() == 0);
            assertThat(most.get()).isBetween(1, 3);
        }
    }

    @Test
    void askingTakesThePlaceOfTheTimerSoThatTimersDoNotAddUp() throws Exception {
        var runs = new AtomicInteger();
        try (var work = new KeyedWork<String>(1, key -> {
            runs.incrementAndGet();
            return Duration.ofHours(1);
        })) {
            for (var i = 1; i <= 50; i++) {
                var expected = i;
                work.poke("key");
                await().atMost(30, SECONDS).until(() -> runs.get() >= expected && work.size() == 1);
            }
            assertThat(work.waiting()).isEqualTo(1);
        }
    }

    @Test
    void theWorkSaysWhenItWantsToRunAgain() {
        var runs = new AtomicInteger();
        try (var work = new KeyedWork<String>(1, key -> runs.incrementAndGet() < 3 ? Duration.ofMillis(1) : null)) {
            work.poke("key");
            await().atMost(30, SECONDS).until(() -> work.size() == 0);
            assertThat(runs).hasValue(3);
        }
    }

    @Test
    void aFailureLosesNoKey() {
        for (Throwable failure :
                List.of(new AssertionError("expected here"), new IllegalStateException("expected here"))) {
            var tries = new AtomicInteger();
            try (var work = new KeyedWork<String>(1, key -> {
                if (tries.incrementAndGet() == 1) {
                    switch (failure) {
                        case Error error -> throw error;
                        case RuntimeException exception -> throw exception;
                        default -> {}
                    }
                }
                return null;
            })) {
                work.poke("key");
                await().atMost(30, SECONDS).until(() -> work.waiting() == 1);
                work.poke("key"); // as its timer would
                await().atMost(30, SECONDS).until(() -> tries.get() == 2 && work.size() == 0);
            }
        }
    }

    @Test
    void closingWaitsForWhatRunsAndTakesNothingMore() throws Exception {
        var begun = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var finished = new AtomicInteger();
        var work = new KeyedWork<String>(1, key -> {
            begun.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            finished.incrementAndGet();
            return Duration.ZERO;
        });
        work.poke("key");
        begun.await();
        var closing = Thread.ofVirtual().start(work::close);
        await().atMost(30, SECONDS).until(() -> closing.getState() == Thread.State.TIMED_WAITING);
        go.countDown();
        closing.join();
        assertThat(finished).hasValue(1);
        work.poke("key");
        work.poke("other");
        assertThat(work.size()).isZero();
        assertThat(finished).hasValue(1);
    }
}
