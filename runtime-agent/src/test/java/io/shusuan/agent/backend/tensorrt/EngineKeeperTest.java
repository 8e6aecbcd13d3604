package io.shusuan.agent.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.engine.Folders;
import io.shusuan.agent.engine.bucket.S3Store;
import io.shusuan.agent.engine.build.EngineCache;
import io.shusuan.agent.engine.build.EngineUploads;
import io.shusuan.agent.engine.build.KeptEngine;
import io.shusuan.agent.engine.build.KeptEngine.State;
import io.shusuan.agent.node.GpuSample.GpuProcess;
import io.shusuan.agent.node.GpuWatch;
import io.shusuan.agent.node.HandWrittenNvml;
import io.shusuan.agent.repository.ConfigSource;
import io.shusuan.agent.repository.LoadSettings;
import io.shusuan.agent.repository.ModelFolders;
import io.shusuan.agent.repository.ModelLoader;
import io.shusuan.agent.repository.ModelsOnDisk;
import io.shusuan.agent.scheduling.QueuedBytes;
import io.shusuan.agent.scheduling.SchedulerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that keeps engines built: real processes build, with the host engine in TensorRT's place, on GPUs written by hand. */
class EngineKeeperTest {
    private static final String CONFIG = """
            backend: "tensorrt"
            max_batch_size: 4
            parameters { key: "build_min_speedup" value { string_value: "0" } }
            """;
    private static final int STRANGER = 1;

    @TempDir
    private Path folder;

    private final HandWrittenNvml nvml = HandWrittenNvml.with(2);
    private final ExecutorService looking = Executors.newSingleThreadExecutor();
    private GpuWatch gpus;
    private EngineKeeper keeper;
    private Instant now = Instant.parse("2026-01-02T03:04:05Z");
    private final AtomicInteger asked = new AtomicInteger();

    @BeforeEach
    void begin() {
        new ModelRepository(models()).config("m", CONFIG);
        SmallModel.add(models().resolve("m/1/model.onnx"));
        gpus = new GpuWatch(() -> nvml, Path.of("/proc"), Clock.systemUTC(), Duration.ofMillis(20));
        keeper = keeper();
        await().until(() -> !gpus.get().gpus().isEmpty());
    }

    @AfterEach
    void end() {
        keeper.close();
        looking.close();
        gpus.close();
    }

    private EngineKeeper keeper(String... java) {
        return keeper(new EngineCache(folder.resolve("cache"), 1L << 30, Clock.systemUTC()), java);
    }

    private EngineKeeper keeper(EngineCache cache, String... java) {
        return new EngineKeeper(
                new TensorRtBackend(HostEngine::new),
                cache,
                HostBuildProcess.talkingThrough(folder, java),
                () -> {
                    asked.incrementAndGet();
                    return gpus.get();
                },
                () -> now);
    }

    private Path models() {
        return folder.resolve("models");
    }

    private void look() throws IOException, InterruptedException {
        var loader = new ModelLoader(
                List.of(),
                new LoadSettings(OptionalInt.of(4), 0, List.of()),
                new ConfigSource(Optional.empty()),
                new SchedulerSettings(
                        8, new QueuedBytes(1 << 20), 0, 0, Optional.empty(), Optional.empty(), Clock.systemUTC()));
        keeper.look(new ModelsOnDisk(new ModelFolders(List.of(models()), false), loader).of(TensorRtBackend.NAME));
    }

    private Future<?> lookBesides() {
        return looking.submit(() -> {
            look();
            return null;
        });
    }

    private void letBuildsGoOn() throws IOException {
        Files.createFile(folder.resolve("go"));
    }

    /** The GPUs that the builds could see, one after the other. */
    private List<String> builds() throws IOException {
        var begun = folder.resolve("begun");
        return Files.exists(begun) ? Files.readAllLines(begun) : List.of();
    }

    private void occupy(int gpu, int pid) {
        nvml.gpu(gpu).processes.add(new GpuProcess(pid, OptionalLong.of(1 << 30)));
        await().until(() -> !gpus.get().gpus().get(gpu).processes().isEmpty());
    }

    private void leave(int gpu) {
        nvml.gpu(gpu).processes.clear();
        await().until(() -> gpus.get().gpus().get(gpu).processes().isEmpty());
    }

    private KeptEngine only() {
        assertThat(keeper.get()).hasSize(1);
        return keeper.get().getFirst();
    }

    @Test
    void buildsOnAGpuThatNobodyIsOnWhatOthersFindThen() throws Exception {
        letBuildsGoOn();
        occupy(0, STRANGER);

        look();

        assertThat(only()).isEqualTo(new KeptEngine("m", 1, "sm_90", State.READY, ""));
        assertThat(builds()).containsExactly("GPU-1");
        keeper = keeper(); // as after a restart
        look();
        assertThat(only().state()).isEqualTo(State.READY);
        assertThat(builds()).hasSize(1);
    }

    @Test
    void waitsUntilAGpuIsFree() throws Exception {
        letBuildsGoOn();
        occupy(0, STRANGER);
        occupy(1, STRANGER);

        look();

        assertThat(only()).isEqualTo(new KeptEngine("m", 1, "sm_90", State.WAITING, "no GPU is free"));
        assertThat(builds()).isEmpty();
        leave(1);
        look();
        assertThat(only().state()).isEqualTo(State.READY);
    }

    @Test
    void findsWhatAnotherNodeHasBuiltThoughItsOwnGpusAreTaken() throws Exception {
        letBuildsGoOn();
        occupy(0, STRANGER);
        occupy(1, STRANGER);
        look();
        assertThat(only().state()).isEqualTo(State.WAITING);
        var here = keeper;
        keeper = keeper();
        leave(0);
        look();
        occupy(0, STRANGER);

        keeper = here;
        look();

        assertThat(only().state()).isEqualTo(State.READY);
        assertThat(builds()).hasSize(1);
    }

    @Test
    void bringsFromABucketWhatAnotherNodeHasBuilt() throws Exception {
        letBuildsGoOn();
        try (var store = new S3Store(folder.resolve("store"))) {
            var there = cache("there", store);
            keeper = keeper(there);
            look();
            try (var uploads = EngineUploads.of(there).orElseThrow()) {
                uploads.begin();
                await().until(() -> store.objects().size() == 1);
            }
            occupy(0, STRANGER);
            occupy(1, STRANGER);

            keeper = keeper(cache("here", store));
            look();

            assertThat(only().state()).isEqualTo(State.READY);
            assertThat(builds()).hasSize(1);
        }
    }

    private EngineCache cache(String name, S3Store store) {
        return new EngineCache(
                folder.resolve(name), 1L << 30, Clock.systemUTC(), Optional.of(store.bucket(Clock.systemUTC())));
    }

    @Test
    void givesWayToWhoComes() throws Exception {
        var look = lookBesides();
        await().until(() -> builds().equals(List.of("GPU-0")));
        assertThat(only().state()).isEqualTo(State.BUILDING);

        occupy(0, STRANGER);
        look.get();

        assertThat(only()).isEqualTo(new KeptEngine("m", 1, "sm_90", State.WAITING, "gave way to who came to its GPU"));
        letBuildsGoOn();
        look();
        assertThat(builds()).containsExactly("GPU-0", "GPU-1");
        assertThat(only().state()).isEqualTo(State.READY);
    }

    @Test
    void aBuildDoesNotGiveWayToItself() throws Exception {
        var look = lookBesides();
        await().until(() -> builds().equals(List.of("GPU-0")));
        ProcessHandle.current()
                .children()
                .forEach(child ->
                        nvml.gpu(0).processes.add(new GpuProcess(Math.toIntExact(child.pid()), OptionalLong.empty())));
        await().until(() -> !gpus.get().gpus().getFirst().processes().isEmpty());
        int before = asked.get();
        await().until(() -> asked.get() > before + 1);

        letBuildsGoOn();
        look.get();

        assertThat(only().state()).isEqualTo(State.READY);
    }

    @Test
    void buildsAnewWhatHasChangedAndForgetsWhatIsGone() throws Exception {
        letBuildsGoOn();
        look();
        SmallModel.add(models().resolve("m/1/model.onnx"), "changed");

        look();

        assertThat(only().state()).isEqualTo(State.READY);
        assertThat(builds()).hasSize(2);
        Files.delete(models().resolve("m/1/model.onnx"));
        look();
        assertThat(keeper.get()).isEmpty();
    }

    @Test
    void whatAGateRejectsIsToldAndNotBuiltAgain() throws Exception {
        keeper = keeper("-Dwrong=true");
        letBuildsGoOn();

        look();
        now = now.plus(Duration.ofHours(2));
        look();

        assertThat(only().state()).isEqualTo(State.REJECTED);
        assertThat(only().reason()).isNotEmpty();
        assertThat(builds()).hasSize(1);
    }

    @Test
    void whatCannotBeBuiltIsToldAndTriedAgainMuchLater() throws Exception {
        Files.writeString(models().resolve("m/1/model.onnx"), "no model");

        look();

        assertThat(only().state()).isEqualTo(State.FAILED);
        assertThat(only().reason()).contains("model.onnx");
        assertThat(builds()).isEmpty();
    }

    @Test
    void anEngineThatHadToMakeRoomIsBuiltAgainMuchLater() throws Exception {
        letBuildsGoOn();
        look();
        Folders.delete(folder.resolve("cache"));

        look();
        assertThat(builds()).hasSize(1);
        now = now.plus(Duration.ofHours(2));
        look();

        assertThat(builds()).hasSize(2);
        assertThat(only().state()).isEqualTo(State.READY);
    }

    @Test
    void closingEndsTheBuildOnItsWay() throws Exception {
        var look = lookBesides();
        await().until(() -> builds().size() == 1);

        keeper.close();
        look.get();

        assertThat(only().state()).isEqualTo(State.FAILED);
    }
}
