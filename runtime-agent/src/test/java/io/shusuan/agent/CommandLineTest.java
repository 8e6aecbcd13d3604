package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest {
    @TempDir
    private Path folder;

    @Test
    void listensOnLoopbackUnlessAnAddressIsGiven() throws Exception {
        var options = CommandLine.parse(List.of("--model-repository", folder.toString()), Map.of())
                .options();

        assertThat(options.http()).isEqualTo(new Options.Listen(true, "127.0.0.1", 8000, "--http-port"));
        assertThat(options.grpc().address()).isEqualTo("127.0.0.1");
        assertThat(options.grpc().port()).isEqualTo(8001);
        assertThat(options.metrics().port()).isEqualTo(8002);
        assertThat(options.exitOnError()).isTrue();
        assertThat(options.report()).isEmpty();
    }

    @Test
    void readsWhereToReportFromTheEnvironment() throws Exception {
        var environment = Map.of(
                "SHUSUAN_AGENT_REPORT_URL", "http://127.0.0.1:1/api/v1/agents", "SHUSUAN_AGENT_REPORT_TOKEN", "t");
        var options = CommandLine.parse(List.of("--model-repository", folder.toString()), environment)
                .options();

        assertThat(options.report()).contains(new Options.Report("http://127.0.0.1:1/api/v1/agents", "t"));
    }

    @Test
    void readsWhatModelsMayTakeOfEachGpu() throws Exception {
        var options = CommandLine.parse(
                        List.of(
                                "--model-repository",
                                folder.toString(),
                                "--model-load-gpu-limit=0:0.8",
                                "--model-load-gpu-limit",
                                "1:0.5"),
                        Map.of())
                .options();

        assertThat(options.gpu().limits()).isEqualTo(Map.of(0, 0.8, 1, 0.5));
        assertThat(options.gpu().whenLost()).isEqualTo(GpuOptions.WhenLost.EXIT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            --modle-repository=x      | unknown flag --modle-repository; the nearest is --model-repository, --help lists all
            --http-prot=1             | unknown flag --http-prot; the nearest is --http-port, --help lists all
            --gpu-failure-policy=wait | --gpu-failure-policy is exit or stay, not 'wait'
            --http-port=70000         | --http-port takes a number from 0 to 65535, not '70000'
            --http-port               | --http-port needs a value: --http-port PORT
            --allow-http=maybe        | --allow-http takes true or false, not 'maybe'
            --model-control-mode=any  | --model-control-mode is none, poll or explicit, not 'any'
            --load-model=m            | --load-model needs --model-control-mode explicit
            --model-repository=/nope  | --model-repository /nope is not a folder
            --model-load-gpu-limit=0.8 | --model-load-gpu-limit takes GPU:FRACTION, a GPU's number and a fraction of its memory of more than 0 and at most 1, as in 0:0.8, not '0.8'
            --model-load-gpu-limit=0:80 | --model-load-gpu-limit takes GPU:FRACTION, a GPU's number and a fraction of its memory of more than 0 and at most 1, as in 0:0.8, not '0:80'
            --engine-cache=s3://b/a   | --engine-cache is a folder of this machine; the bucket behind it is named by --engine-cache-bucket=s3://b/a
            --engine-cache-bucket=b   | --engine-cache-bucket: 'b' is no bucket: write s3://BUCKET/PREFIX, or s3://https://HOST:PORT/BUCKET/PREFIX
            --reuse-http-port=true    | --reuse-http-port is not supported by this server: a port belongs to one server; give each its own behind a proxy
            --grpc-infer-response-compression-level=high | --grpc-infer-response-compression-level is not supported by this server: answers over gRPC are not compressed; over HTTP those are whose caller accepts it
            --host-policy=a,cpu-cores=0-1 | --host-policy is not supported by this server: the process' own placement holds: start the server with taskset or numactl
            --http-thread-count       | --http-thread-count needs a value: --http-thread-count VALUE
            --backend-config=onnxruntime,x=1 | --backend-config onnxruntime,x=1 is not supported; default-max-batch-size=N and tensorrt,plugins=FILE;FILE are
            --metrics-config=latencies=true | --metrics-config takes counter_latencies, summary_latencies or histogram_latencies with true or false, or summary_quantiles=QUANTILE:ERROR,…, not 'latencies=true'
            --metrics-config=summary_quantiles=0.5 | --metrics-config summary_quantiles takes QUANTILE:ERROR,…, both from 0 to 1, not '0.5'
            models                    | 'models' is not a flag; flags begin with --, see --help
            --report-url=ftp://x      | the report URL must begin with http:// or https://, not 'ftp://x'
            """)
    void refusesInOneLine(String argument, String message) {
        assertThatThrownBy(() -> CommandLine.parse(List.of("--model-repository", folder.toString(), argument), Map.of())
                        .options())
                .isInstanceOf(UsageException.class)
                .hasMessage(message);
    }

    @Test
    void needsARepository() {
        assertThatThrownBy(() -> CommandLine.parse(List.of(), Map.of()).options())
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("--model-repository is missing");
    }
}
