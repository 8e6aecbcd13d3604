package io.shusuan.agent.fuzz;

import com.code_intelligence.jazzer.api.BugDetectors;
import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.RunningAgent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/** The one agent of a fuzzing process, strict so that codes are even, with a model for each way a request can go. */
final class FuzzedAgent {
    private static final String TEXTS = """
            backend: "identity"
            input { name: "INPUT0" data_type: TYPE_STRING dims: -1 }
            output { name: "OUTPUT0" data_type: TYPE_STRING dims: -1 }
            """;
    private static final String NUMBERS = """
            backend: "identity"
            max_batch_size: 8
            input { name: "INPUT0" data_type: TYPE_FP32 dims: 4 }
            output { name: "OUTPUT0" data_type: TYPE_FP32 dims: 4 }
            dynamic_batching { }
            """;
    private static final String MANY_ANSWERS = """
            backend: "repeat"
            model_transaction_policy { decoupled: true }
            input { name: "IN" data_type: TYPE_INT32 dims: -1 }
            output { name: "OUT" data_type: TYPE_INT32 dims: 1 }
            """;

    private final Path folder;
    private final RunningAgent agent;
    private final Faults faults;

    private FuzzedAgent(Path folder, RunningAgent agent, Faults faults) {
        this.folder = folder;
        this.agent = agent;
        this.faults = faults;
    }

    static FuzzedAgent start() {
        // the fuzzer would take our own calls for an attack's
        BugDetectors.allowNetworkConnections();
        var faults = Faults.listen();
        try {
            var folder = Files.createTempDirectory("shusuan-fuzz");
            var repository = new ModelRepository(folder)
                    .identity("numbers", NUMBERS)
                    .identity("texts", TEXTS)
                    .identity("many", MANY_ANSWERS)
                    .onnx("types", 1, "all_types");
            var agent = RunningAgent.serving(
                    repository,
                    "--strict",
                    "--model-control-mode=explicit",
                    "--load-model=*",
                    "--allow-client-shm=true",
                    "--http-max-input-size=1000000",
                    "--stall-timeout-secs=5");
            return new FuzzedAgent(folder, agent, faults);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    InetSocketAddress http() {
        return agent.http();
    }

    InetSocketAddress grpc() {
        return agent.grpc();
    }

    /** Where its models lie. */
    Path repository() {
        return folder;
    }

    /** Throws when the agent has failed since it was last asked. */
    void check() {
        faults.raise();
    }
}
