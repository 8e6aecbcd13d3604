package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Python client its users have, over HTTP and gRPC. {@code SHUSUAN_TEST_PYTHON} names an interpreter that has it. */
class TritonClientTest {
    @TempDir
    private Path folder;

    @Test
    void theUsualPythonClientWorks() throws Exception {
        var given = System.getenv("SHUSUAN_TEST_PYTHON");
        var python = given == null ? "python3" : given;
        assumeTrue(
                run(List.of(python, "-c", "import tritonclient.http, tritonclient.grpc"))
                                .code()
                        == 0,
                "skipped: " + python
                        + " has no tritonclient; pip install 'tritonclient[all]' or set SHUSUAN_TEST_PYTHON");
        var repository = new ModelRepository(folder)
                .onnx("add_sub", 1, "add_sub")
                .onnx("all_types", 1, "all_types")
                .onnx("mlp", 1, "mlp")
                .identity("repeat", """
                        backend: "repeat"
                        model_transaction_policy { decoupled: true }
                        input { name: "IN" data_type: TYPE_INT32 dims: -1 }
                        output { name: "OUT" data_type: TYPE_INT32 dims: 1 }
                        """)
                .onnx("later", 1, "identity")
                .identity("twice", """
                        platform: "ensemble"
                        max_batch_size: 4
                        input [
                          { name: "LEFT" data_type: TYPE_INT32 dims: 4 },
                          { name: "RIGHT" data_type: TYPE_INT32 dims: 4 }
                        ]
                        output { name: "OUT" data_type: TYPE_INT32 dims: 4 }
                        ensemble_scheduling {
                          step {
                            model_name: "add_sub"
                            input_map [ { key: "A" value: "LEFT" }, { key: "B" value: "RIGHT" } ]
                            output_map [ { key: "SUM" value: "s" }, { key: "DIFFERENCE" value: "d" } ]
                          }
                          step {
                            model_name: "add_sub"
                            input_map [ { key: "A" value: "s" }, { key: "B" value: "d" } ]
                            output_map { key: "SUM" value: "OUT" }
                          }
                        }
                        """)
                .identity("sums", """
                        backend: "sequence"
                        max_batch_size: 4
                        input { name: "INPUT" data_type: TYPE_INT32 dims: 1 }
                        output { name: "OUTPUT" data_type: TYPE_INT32 dims: 1 }
                        sequence_batching {
                          control_input { name: "START" control { kind: CONTROL_SEQUENCE_START int32_false_true: [ 0, 1 ] } }
                          control_input { name: "READY" control { kind: CONTROL_SEQUENCE_READY int32_false_true: [ 0, 1 ] } }
                        }
                        """);
        var flags = new String[] {
            "--model-control-mode=explicit",
            "--load-model=add_sub",
            "--load-model=all_types",
            "--load-model=mlp",
            "--load-model=repeat",
            "--load-model=twice",
            "--load-model=sums",
            "--allow-client-shm=true"
        };
        try (var agent = RunningAgent.serving(repository, flags)) {
            var outcome = run(List.of(
                    python,
                    "src/test/python/tritonclient_check.py",
                    "127.0.0.1:" + agent.http().getPort(),
                    "127.0.0.1:" + agent.grpc().getPort()));
            assertThat(outcome.code()).as(outcome.output()).isZero();
        }
    }

    private record Outcome(int code, String output) {}

    private static Outcome run(List<String> command) throws InterruptedException {
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
            return new Outcome(process.exitValue(), output);
        } catch (IOException notThere) {
            return new Outcome(-1, notThere.toString());
        }
    }
}
