package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.backend.Backend;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.config.BackendNames;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A script that starts Triton's server starts this one. */
class TritonFlagsTest {
    /** Flags that ask for what is so anyway, or for what this server has no use for. */
    private static final String[] NEEDLESS = {
        "--model-load-thread-count=4",
        "--http-thread-count=8",
        "--metrics-interval-ms=2000",
        "--grpc-keepalive-time=7200000",
        "--grpc-http2-max-ping-strikes=2",
        "--grpc-infer-allocation-pool-size=8",
        "--pinned-memory-pool-byte-size=268435456",
        "--cuda-memory-pool-byte-size=0:67108864",
        "--buffer-manager-thread-count=0",
        "--backend-directory=/opt/tritonserver/backends",
        "--repoagent-directory=/opt/tritonserver/repoagents",
        "--cache-directory=/opt/tritonserver/caches",
        "--backend-config=python,shm-default-byte-size=1048576"
    };

    @TempDir
    private Path folder;

    private ModelRepository repository;

    @BeforeEach
    void write() {
        repository = new ModelRepository(folder);
    }

    @Test
    void takesWhatChangesNothingAndSaysSo() throws Exception {
        var line = CommandLine.parse(
                List.of(
                        "--model-store=" + folder,
                        "--log-verbose=true",
                        "--allow-sagemaker=false",
                        "--reuse-grpc-port=false",
                        "--reuse-http-port=Off",
                        "--metrics-config=counter_latencies=no",
                        "--grpc-infer-response-compression-level=None"),
                Map.of());
        assertThat(line.options().repositories()).containsExactly(folder);
        assertThat(line.options().log().verboseLevel()).isEqualTo(1);
        assertThat(line.said()).isEmpty();

        for (var flag : NEEDLESS) {
            var given = CommandLine.parse(List.of("--model-repository=" + folder, flag), Map.of());
            given.options();
            assertThat(given.said())
                    .singleElement()
                    .asString()
                    .startsWith(flag.split("=", 2)[0])
                    .contains(" changes nothing: ");
        }
    }

    @Test
    void theNamesOfBackendsAreThoseThereAre() {
        assertThat(Agent.backends()).extracting(Backend::name).containsExactlyInAnyOrderElementsOf(BackendNames.ALL);
    }

    @Test
    void isCalledAsItIsTold() throws Exception {
        repository.onnx("m", 1, "identity");
        try (var agent = RunningAgent.serving(repository, "--id=mine", "--backend-config=default-max-batch-size=3")) {
            assertThat(agent.get("/v2").body()).startsWith("{\"name\":\"mine\",");
            assertThat(agent.get("/v2/models/m/config").body()).contains("\"max_batch_size\":3");
        }
    }

    @Test
    void writesNothingIntoConfigurationsThatMustBeWhole() throws Exception {
        repository
                .onnx("none", 1, "identity")
                .onnx("half", 1, "identity")
                .config("half", "max_batch_size: 2")
                .onnx("whole", 1, "identity")
                .config("whole", """
                        backend: "onnxruntime"
                        input { name: "INPUT0" data_type: TYPE_FP32 dims: [ -1, 16 ] }
                        output { name: "OUTPUT0" data_type: TYPE_FP32 dims: [ -1, 16 ] }
                        """)
                .onnx("wrong", 1, "identity")
                .config("wrong", """
                        backend: "onnxruntime"
                        input { name: "INPUT0" data_type: TYPE_INT32 dims: [ -1, 16 ] }
                        output { name: "OUTPUT0" data_type: TYPE_FP32 dims: [ -1, 16 ] }
                        """);
        for (var flag : new String[] {"--disable-auto-complete-config", "--strict-model-config=true"}) {
            try (var agent = RunningAgent.serving(repository, "--exit-on-error=false", flag)) {
                var index = agent.post("/v2/repository/index", "").body();
                assertThat(index)
                        .contains("{\"name\":\"whole\",\"version\":\"1\",\"state\":\"READY\"}")
                        .contains(
                                "{\"name\":\"none\",\"version\":\"1\",\"state\":\"UNAVAILABLE\",\"reason\":\"the model has an input"
                                        + " 'INPUT0' that the configuration does not name\"}")
                        .contains("{\"name\":\"half\",\"version\":\"1\",\"state\":\"UNAVAILABLE\"")
                        .contains("gives the input 'INPUT0' the type TYPE_INT32, the model TYPE_FP32");
                assertThat(agent.get("/v2/models/whole/config").body()).contains("\"max_batch_size\":0");
            }
        }
    }

    /** Fails at first. */
    private static final class LateBackend extends TestBackend {
        private final AtomicInteger tries = new AtomicInteger();

        LateBackend() {
            super("late");
        }

        @Override
        public BackendModel open(ModelSource source) throws LoadException {
            if (tries.incrementAndGet() < 3) {
                throw new LoadException("not yet");
            }
            return super.open(source);
        }

        @Override
        List<Tensor> run(InferenceRequest request) {
            return List.of();
        }
    }

    @Test
    void triesAgainToLoadWhatFailed() throws Exception {
        repository.identity("m", ModelRepository.GOLDEN_CONFIG.replace("\"identity\"", "\"late\""));
        try (var agent = RunningAgent.serving(
                repository, new LateBackend(), "--exit-on-error=false", "--model-load-retry-count=1")) {
            assertThat(agent.post("/v2/repository/index", "").body()).contains("not yet");
        }
        try (var agent = RunningAgent.serving(repository, new LateBackend(), "--model-load-retry-count=2")) {
            assertThat(agent.get("/v2/models/m/ready").statusCode()).isEqualTo(200);
        }
    }
}
