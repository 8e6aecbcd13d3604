package io.shusuan.agent.engine.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shusuan.agent.engine.bucket.BucketException.Reason;
import io.shusuan.agent.engine.bucket.RepackedEngine;
import io.shusuan.agent.engine.bucket.S3Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Engines that caches share by a bucket of a real store, over connections that break. */
class EngineBucketTest {
    private static final EngineKey KEY = new EngineKey("model m\nTensorRT 11.2\nGPU sm_90");
    private static final String OBJECT = "a/b/" + KEY.id() + ".zip";
    private static final int LARGE = 17 << 20;

    @TempDir
    private Path folder;

    private S3Store store;
    private Instant now = Instant.parse("2026-01-02T03:04:05Z");

    @BeforeEach
    void begin() throws Exception {
        store = new S3Store(folder.resolve("store"));
    }

    @AfterEach
    void end() throws IOException {
        store.close();
    }

    /** A machine: its folder, and the bucket behind it. */
    private record Machine(EngineCache cache, EngineBucket bucket, EngineUploads uploads) {
        BuiltEngine builds(EngineCache.Builder builder) throws Exception {
            return cache.get(KEY, builder);
        }

        EngineBucket.Figures figures() {
            return bucket.figures();
        }
    }

    private Machine machine(String name) {
        return machine(name, store.bucket(() -> now));
    }

    private Machine machine(String name, EngineBucket bucket) {
        var cache = new EngineCache(folder.resolve(name), 1L << 30, Clock.systemUTC(), Optional.of(bucket));
        return new Machine(cache, bucket, new EngineUploads(cache, bucket, Duration.ofMillis(20)));
    }

    private static EngineCache.Builder plan(String text) {
        return entry -> {
            Files.writeString(entry.resolve("model.plan"), text);
            Files.writeString(entry.resolve("engine.json"), "{}");
            Files.writeString(Files.createDirectories(entry.resolve("weights")).resolve("w.bin"), "w");
        };
    }

    private static EngineCache.Builder largePlan(byte[] bytes) {
        return entry -> Files.write(entry.resolve("model.plan"), bytes);
    }

    private static byte[] random(int bytes) {
        var random = new byte[bytes];
        new Random(7).nextBytes(random);
        return random;
    }

    /** Nothing half-way of an engine is left in a machine's folder. */
    private void assertNothingHalfway(String machine) throws IOException {
        try (var files = Files.list(folder.resolve(machine))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .allMatch(name -> name.endsWith(".lock") || name.equals(KEY.id()));
        }
    }

    @Test
    void whatOneMachineBuildsOthersFind() throws Exception {
        var one = machine("one");
        one.builds(plan("plan"));
        assertThat(one.uploads().look()).isTrue();
        assertThat(store.objects()).containsExactly(OBJECT);
        var other = machine("other");

        var found = other.cache().fetch(KEY).orElseThrow();

        assertThat(found.plan()).content().isEqualTo("plan");
        assertThat(found.folder().resolve("weights/w.bin")).content().isEqualTo("w");
        assertThat(found.rejection()).isEmpty();
        assertThat(other.cache().fetch(new EngineKey("another"))).isEmpty();
        assertThat(other.uploads().look()).isTrue();
        assertThat(other.figures()).isEqualTo(new EngineBucket.Figures(1, 0, 0, 0, 0, Optional.empty()));
        assertThat(one.figures()).isEqualTo(new EngineBucket.Figures(0, 1, 0, 0, 0, Optional.empty()));
    }

    @Test
    void aVerdictIsSharedAsWell() throws Exception {
        var one = machine("one");
        one.builds(entry -> {
            plan("plan").build(entry);
            Files.writeString(entry.resolve("REJECTED"), "mean error 12 %");
        });
        one.uploads().look();

        assertThat(machine("other").cache().fetch(KEY).orElseThrow().rejection())
                .hasValueSatisfying(why -> assertThat(why).contains("mean error 12 %"));
    }

    /** A part in which a connection breaks is sent again. */
    @Test
    void largeEnginesGoInParts() throws Exception {
        var plan = random(LARGE);
        var one = machine("one");
        one.builds(largePlan(plan));
        store.wire().cutRequestsAfter((16 << 20) + (512 << 10));
        assertThat(one.uploads().look()).isTrue();
        assertThat(store.unfinishedUploads()).isZero();

        assertThat(machine("other").cache().fetch(KEY).orElseThrow().plan()).hasBinaryContent(plan);
    }

    static Stream<UnaryOperator<byte[]>> damages() {
        return Stream.of(
                bytes -> new byte[0],
                bytes -> "no engine".getBytes(StandardCharsets.UTF_8),
                bytes -> Arrays.copyOf(bytes, bytes.length / 2),
                bytes -> Arrays.copyOf(bytes, bytes.length - 700),
                bytes -> changed(bytes, "plan", "plum"),
                bytes -> changed(bytes, "SHA256SUMS", "SHA256SUMZ"),
                bytes -> changed(bytes, "weights/w.bin", "./../../w.bin"),
                bytes -> packed("another"),
                bytes -> packed("../" + "x".repeat(8)));
    }

    private static byte[] changed(byte[] bytes, String from, String to) {
        return new String(bytes, StandardCharsets.ISO_8859_1).replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** An engine that is whole, and another key's. */
    private static byte[] packed(String key) {
        try {
            return RepackedEngine.of(entry -> {
                Files.writeString(entry.resolve("model.plan"), "plan");
                Files.writeString(entry.resolve("key.txt"), key);
            });
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }

    @ParameterizedTest
    @MethodSource("damages")
    void whatIsDamagedIsRefusedAndReplacedByWhatIsBuilt(UnaryOperator<byte[]> damage) throws Exception {
        var one = machine("one");
        one.builds(plan("plan"));
        one.uploads().look();
        store.put(OBJECT, damage.apply(store.get(OBJECT)));
        var other = machine("other");

        assertThat(other.cache().fetch(KEY)).isEmpty();

        assertThat(other.figures().damaged()).isEqualTo(1);
        assertThat(other.figures().problem()).isEmpty();
        assertNothingHalfway("other");
        assertThat(other.cache().fetch(KEY)).as("it is not fetched again").isEmpty();
        assertThat(other.figures().damaged()).isEqualTo(1);
        other.builds(plan("anew"));
        assertThat(other.uploads().look()).isTrue();
        assertThat(machine("third").cache().fetch(KEY).orElseThrow().plan())
                .content()
                .isEqualTo("anew");
    }

    /** One that does not work on its GPU, however whole it is. */
    @Test
    void whatIsDiscardedIsReplaced() throws Exception {
        var one = machine("one");
        one.builds(plan("unfit"));
        one.uploads().look();
        var other = machine("other");
        assertThat(other.cache().fetch(KEY)).isPresent();

        other.cache().discard(KEY);

        assertThat(other.cache().fetch(KEY)).isEmpty();
        other.builds(plan("fit"));
        other.uploads().look();
        assertThat(machine("third").cache().fetch(KEY).orElseThrow().plan())
                .content()
                .isEqualTo("fit");
    }

    /** TensorRT never builds the same bytes twice. */
    @Test
    void twoThatBuildTheSameAtOnceLeaveOneThatIsWhole() throws Exception {
        var barrier = new CyclicBarrier(2);
        var plans = List.of("a".repeat(1 << 20), "b".repeat(1 << 20));
        var looks = new ArrayList<Future<Boolean>>();
        try (var threads = Executors.newFixedThreadPool(2)) {
            for (int i = 0; i < 2; i++) {
                var machine = machine("machine" + i);
                machine.builds(plan(plans.get(i)));
                looks.add(threads.submit(() -> {
                    barrier.await();
                    return machine.uploads().look();
                }));
            }
            for (var look : looks) {
                assertThat(look.get()).isTrue();
            }
        }

        assertThat(store.objects()).containsExactly(OBJECT);
        assertThat(machine("third").cache().fetch(KEY).orElseThrow().plan())
                .content()
                .isIn(plans);
    }

    @Test
    void aConnectionThatBreaksLeavesNothingAndIsTriedAgain() throws Exception {
        var one = machine("one");
        one.builds(largePlan(random(1 << 20)));
        one.uploads().look();
        var other = machine("other");
        store.wire().cutAnswersAfter(300_000);

        assertThat(other.cache().fetch(KEY)).isEmpty();

        assertThat(other.figures().problem()).contains(Reason.AWAY);
        assertThat(other.figures().damaged()).isZero();
        assertNothingHalfway("other");
        store.wire().mend();
        assertThat(other.cache().fetch(KEY)).as("it rests for a while").isEmpty();
        now = now.plusSeconds(31);
        assertThat(other.cache().fetch(KEY)).isPresent();
        assertThat(other.figures().problem()).isEmpty();
    }

    /** Again and again: neither the object nor a part of it is there then. */
    @Test
    void anUploadThatBreaksIsSeenByNobodyAndBegunAnew() throws Exception {
        var one = machine("one");
        one.builds(largePlan(random(LARGE)));
        store.wire().cutRequestsAfter(8 << 20);

        assertThat(one.uploads().look()).isFalse();

        assertThat(store.objects()).isEmpty();
        assertThat(store.unfinishedUploads()).isZero();
        assertThat(one.figures().waiting()).isEqualTo(1);
        assertThat(one.figures().problem()).contains(Reason.AWAY);
        store.wire().mend();
        assertThat(one.uploads().look()).isTrue();
        assertThat(store.objects()).containsExactly(OBJECT);
        assertThat(one.figures().waiting()).isZero();
    }

    /** Another process does it, as after a restart: the folder alone says what is to be done. */
    @Test
    void nothingIsForgottenWhileTheBucketIsAway() throws Exception {
        var one = machine("one");
        one.builds(plan("plan"));
        store.wire().answer("503 Slow Down", "");
        assertThat(one.uploads().look()).isFalse();
        one.uploads().close();
        store.wire().mend();

        try (var again = machine("one").uploads()) {
            again.begin();
            await().until(() -> store.objects().contains(OBJECT));
        }
    }

    @Test
    void silenceAndTrickleAreGivenUp() throws Exception {
        var one = machine("one");
        one.builds(largePlan(random(1 << 20)));
        one.uploads().look();
        var other = machine("other", store.impatientBucket(() -> now));
        store.wire().fallSilent();
        assertThat(other.cache().fetch(KEY)).isEmpty();
        assertThat(other.figures().problem()).contains(Reason.AWAY);
        now = now.plusSeconds(31);
        store.wire().mend();
        store.wire().trickle(100);

        assertThat(other.cache().fetch(KEY)).isEmpty();

        assertThat(other.figures().failed()).isEqualTo(2);
        assertNothingHalfway("other");
        assertThat(other.builds(plan("built")).plan()).content().isEqualTo("built");
    }

    @ParameterizedTest
    @CsvSource({
        "507 Insufficient Storage, XMinioStorageFull, FULL",
        "403 Forbidden, QuotaExceeded, FULL",
        "403 Forbidden, AccessDenied, DENIED",
        "400 Bad Request, ExpiredToken, DENIED",
        "503 Service Unavailable, SlowDown, AWAY",
        "404 Not Found, NoSuchBucket, NO_BUCKET",
        "400 Bad Request, AuthorizationHeaderMalformed, FAILED",
    })
    void anAnswerIsNamedForWhatItIs(String status, String code, Reason reason) throws Exception {
        var one = machine("one");
        one.builds(plan("plan"));
        store.wire().answer(status, "<Error><Code>" + code + "</Code><Message>m</Message></Error>");

        one.cache().fetch(new EngineKey("another"));

        assertThat(one.figures().problem()).contains(reason);
        assertThat(one.cache().find(KEY)).as("what is here is used").isPresent();
    }

    @Test
    void aBucketThatIsMissingAndKeysThatAreWrongAreNamed() throws Exception {
        var missing = machine("missing", store.bucket("s3://gone/a", S3Store.SECRET));
        missing.builds(plan("plan"));
        assertThat(missing.uploads().look()).isFalse();
        assertThat(missing.figures().problem()).contains(Reason.NO_BUCKET);

        var wrong = machine("wrong", store.bucket("s3://engines/a", "a-wrong-secret"));
        wrong.builds(plan("plan"));
        assertThat(wrong.uploads().look()).isFalse();
        assertThat(wrong.figures().problem()).contains(Reason.DENIED);
        assertThat(wrong.cache().fetch(new EngineKey("another"))).isEmpty();
    }

    @Test
    void aDamagedFolderGoesNowhere() throws Exception {
        var one = machine("one");
        var built = one.builds(plan("plan"));
        Files.writeString(built.plan(), "plum");

        assertThat(one.uploads().look()).isTrue();

        assertThat(store.objects()).isEmpty();
        assertThat(one.cache().find(KEY)).isEmpty();
    }
}
