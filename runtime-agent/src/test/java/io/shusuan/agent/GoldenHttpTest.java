package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The answers recorded from a real Triton, as far as this server does what they are about. */
class GoldenHttpTest {
    private static final String INPUT =
            "\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[1,16],\"datatype\":\"FP32\",\"data\":[%s]}]";
    private static final String NUMBERS =
            IntStream.rangeClosed(1, 16).mapToObj(Integer::toString).collect(Collectors.joining(","));
    private static final String ANSWER =
            "\"model_name\":\"ident_py\",\"model_version\":\"1\",\"outputs\":[{\"name\":\"OUTPUT0\","
                    + "\"datatype\":\"FP32\",\"shape\":[1,16],\"data\":[1.0,2.0,3.0,4.0,5.0,6.0,7.0,8.0,9.0,10.0,11.0,12.0,13.0,14.0,15.0,16.0]}]}";
    private static final String INFER = "/v2/models/ident_py/infer";

    @TempDir
    private static Path folder;

    private static RunningAgent agent;

    @BeforeAll
    static void start() throws InterruptedException {
        agent = RunningAgent.serving(new ModelRepository(folder).identity("ident_py", ModelRepository.GOLDEN_CONFIG));
    }

    @AfterAll
    static void stop() {
        agent.close();
    }

    private static String ok(String more) {
        return "{" + more + INPUT.formatted(NUMBERS) + "}";
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            live                | /v2/health/live                       | 200 | text/plain |
            ready               | /v2/health/ready                      | 200 | text/plain |
            meta_slash          | /v2/                                  | 404 | text/plain | {"error":"Not Found"}
            model_meta_badv     | /v2/models/ident_py/versions/9        | 404 | application/json | {"error":"Request for unknown model: 'ident_py' version 9 is not found"}
            model_meta_unknown  | /v2/models/nope                       | 404 | application/json | {"error":"Request for unknown model: 'nope' is not found"}
            model_ready         | /v2/models/ident_py/ready             | 200 | text/plain |
            model_ready_unknown | /v2/models/nope/ready                 | 400 | text/plain | {"error":"Model version not ready"}
            model_ready_badv    | /v2/models/ident_py/versions/9/ready  | 400 | text/plain | {"error":"Model version not ready"}
            index_get           | /v2/repository/index                  | 405 | application/json | {"error":"Method Not Allowed"}
            shm_status          | /v2/systemsharedmemory/status         | 200 | application/json | []
            shm_status_unknown  | /v2/systemsharedmemory/region/x/status | 404 | application/json | {"error":"Unable to find system shared memory region: 'x'"}
            cshm_status         | /v2/cudasharedmemory/status           | 200 | application/json | []
            trace               | /v2/trace/setting                     | 200 | application/json | {"trace_level":["OFF"],"trace_rate":"1000","trace_count":"-1","log_frequency":"0","trace_file":"","trace_mode":"triton"}
            trace_model         | /v2/models/ident_py/trace/setting     | 200 | application/json | {"trace_level":["OFF"],"trace_rate":"1000","trace_count":"-1","log_frequency":"0","trace_file":"","trace_mode":"triton"}
            logging             | /v2/logging                           | 200 | application/json | {"log_file":"","log_info":true,"log_warning":true,"log_error":true,"log_verbose_level":0,"log_format":"default"}
            infer_get           | /v2/models/ident_py/infer             | 405 | text/plain | {"error":"Method Not Allowed"}
            unknown_path        | /v2/nope                              | 404 | text/plain | {"error":"Not Found"}
            root                | /                                     | 404 | text/plain | {"error":"Not Found"}
            """)
    void reads(String name, String path, int status, String contentType, String body) throws Exception {
        var answer = agent.get(path);

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("content-type")).contains(contentType);
        assertThat(answer.body()).isEqualTo(body == null ? "" : body);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            load_mode_none      | /v2/repository/models/ident_py/load   | 503 | application/json | | {"error":"explicit model load / unload is not allowed if polling is enabled"}
            unload_mode_none    | /v2/repository/models/ident_py/unload | 503 | application/json | | {"error":"explicit model load / unload is not allowed if polling is enabled"}
            index               | /v2/repository/index                  | 200 | application/json | | [{"name":"ident_py","version":"1","state":"READY"}]
            index_ready         | /v2/repository/index                  | 200 | application/json | {"ready":true} | [{"name":"ident_py","version":"1","state":"READY"}]
            shm_unregister      | /v2/systemsharedmemory/region/x/unregister | 200 | application/json | |
            infer_unknown_model | /v2/models/nope/infer                 | 404 | text/plain | {} | {"error":"Request for unknown model: 'nope' is not found"}
            infer_bad_version   | /v2/models/ident_py/versions/9/infer  | 404 | text/plain | {} | {"error":"Request for unknown model: 'ident_py' version 9 is not found"}
            infer_empty_body    | /v2/models/ident_py/infer | 400 | application/json | | {"error":"[request id: <id_unknown>] input byte size mismatch for input 'raw_input' for model 'ident_py'. Expected 64, got 0"}
            infer_no_inputs     | /v2/models/ident_py/infer | 500 | application/json | {} | {"error":"Unable to parse 'inputs': attempt to access non-existing object member 'inputs'"}
            infer_wrong_name    | /v2/models/ident_py/infer | 400 | application/json | {"inputs":[{"name":"FOO","shape":[1,1],"datatype":"FP32","data":[1]}]} | {"error":"unexpected inference input 'FOO' for model 'ident_py'"}
            infer_wrong_dtype   | /v2/models/ident_py/infer | 400 | application/json | {"inputs":[{"name":"INPUT0","shape":[1,1],"datatype":"INT32","data":[1]}]} | {"error":"[request id: <id_unknown>] inference input 'INPUT0' data-type is 'INT32', but model 'ident_py' expects 'FP32'"}
            infer_wrong_shape   | /v2/models/ident_py/infer | 400 | application/json | {"inputs":[{"name":"INPUT0","shape":[1,8],"datatype":"FP32","data":[1,2,3,4,5,6,7,8]}]} | {"error":"[request id: <id_unknown>] unexpected shape for input 'INPUT0' for model 'ident_py'. Expected [-1,16], got [1,8]. NOTE: Setting a non-zero max_batch_size in the model config requires a batch dimension to be prepended to each input shape. If you want to specify the full shape including the batch dim in your input dims config, try setting max_batch_size to zero. See the model configuration docs for more info on max_batch_size."}
            infer_count_mismatch | /v2/models/ident_py/infer | 500 | application/json | {"inputs":[{"name":"INPUT0","shape":[1,16],"datatype":"FP32","data":[1,2,3]}]} | {"error":"Unable to parse 'data': Shape does not match true shape of 'data' field"}
            infer_bad_dtype_name | /v2/models/ident_py/infer | 400 | application/json | {"inputs":[{"name":"INPUT0","shape":[1,16],"datatype":"FLOAT","data":[1]}]} | {"error":"invalid datatype for input INPUT0"}
            infer_neg_dim       | /v2/models/ident_py/infer | 500 | application/json | {"inputs":[{"name":"INPUT0","shape":[-1,16],"datatype":"FP32","data":[1]}]} | {"error":"Unable to parse 'shape': attempt to access JSON non-unsigned-integer as unsigned-integer"}
            trace_bad           | /v2/trace/setting | 400 | application/json | {"trace_rate":"abc"} | {"error":"Unable to parse 'trace_rate', got: abc"}
            logging_post        | /v2/logging | 200 | application/json | {"log_verbose_level":0} | {"log_file":"","log_info":true,"log_warning":true,"log_error":true,"log_verbose_level":0,"log_format":"default"}
            logging_bad         | /v2/logging | 500 | application/json | {"log_verbose_level":-1} | {"error":"attempt to access JSON non-unsigned-integer as unsigned-integer"}
            logging_badkey      | /v2/logging | 200 | application/json | {"nope":1} | {"log_file":"","log_info":true,"log_warning":true,"log_error":true,"log_verbose_level":0,"log_format":"default"}
            cshm_register       | /v2/cudasharedmemory/region/x/register | 400 | application/json | {"raw_handle":{"b64":"AAAA"},"device_id":0,"byte_size":64} | {"error":"'raw_handle' must be a valid base64 encoded cudaIpcMemHandle_t"}
            generate_nontext    | /v2/models/ident_py/generate | 400 | application/json | {"text_input":"a"} | {"error":"[request id: <id_unknown>] expected 1 inputs but got 0 inputs for model 'ident_py'. Got input(s) [], but missing required input(s) ['INPUT0']. Please provide all required input(s)."}
            infer_shm_missing   | /v2/models/ident_py/infer | 404 | application/json | {"inputs":[{"name":"INPUT0","shape":[1,16],"datatype":"FP32","parameters":{"shared_memory_region":"r","shared_memory_byte_size":64}}]} | {"error":"Unable to find shared memory region: 'r'"}
            """)
    void writes(String name, String path, int status, String contentType, String body, String expected)
            throws Exception {
        var answer = agent.post(path, body == null ? "" : body);

        assertThat(answer.body()).isEqualTo(expected == null ? "" : expected);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("content-type")).contains(contentType);
    }

    @Test
    void modelMetadataIsTheRecordedOneButForThePlatform() throws Exception {
        var expected =
                "{\"name\":\"ident_py\",\"versions\":[\"1\"],\"platform\":\"identity\",\"inputs\":[{\"name\":\"INPUT0\","
                        + "\"datatype\":\"FP32\",\"shape\":[-1,16]}],\"outputs\":[{\"name\":\"OUTPUT0\",\"datatype\":\"FP32\",\"shape\":[-1,16]}]}";

        assertThat(agent.get("/v2/models/ident_py").body()).isEqualTo(expected);
        assertThat(agent.get("/v2/models/ident_py/versions/1").body()).isEqualTo(expected);
    }

    @Test
    void configurationIsSpelledOutAsRecorded() throws Exception {
        assertThat(agent.get("/v2/models/ident_py/config").body())
                .startsWith(
                        "{\"name\":\"ident_py\",\"platform\":\"\",\"backend\":\"identity\",\"runtime\":\"\",\"version_policy\":"
                                + "{\"latest\":{\"num_versions\":1}},\"max_batch_size\":64,\"input\":[{\"name\":\"INPUT0\",\"data_type\":"
                                + "\"TYPE_FP32\",\"format\":\"FORMAT_NONE\",\"dims\":[16],\"is_shape_tensor\":false,\"allow_ragged_batch\":"
                                + "false,\"optional\":false,\"is_non_linear_format_io\":false}],\"output\":[{\"name\":\"OUTPUT0\","
                                + "\"data_type\":\"TYPE_FP32\",\"dims\":[16],\"label_filename\":\"\",\"is_shape_tensor\":false,"
                                + "\"is_non_linear_format_io\":false}],\"batch_input\":[],\"batch_output\":[],\"optimization\":{\"priority\":"
                                + "\"PRIORITY_DEFAULT\",\"input_pinned_memory\":{\"enable\":true},\"output_pinned_memory\":{\"enable\":true},"
                                + "\"gather_kernel_buffer_threshold\":0,\"eager_batching\":false},\"instance_group\":[{\"name\":\"ident_py_0\","
                                + "\"kind\":\"KIND_CPU\",\"count\":1,\"gpus\":[],\"secondary_devices\":[],\"profile\":[],\"passive\":false,"
                                + "\"host_policy\":\"\"}],\"default_model_filename\":\"\",\"cc_model_filenames\":{},\"metric_tags\":{}");
    }

    @Test
    void answersInferAsRecorded() throws Exception {
        assertThat(agent.post(INFER, ok("\"id\":\"7\",")).body()).isEqualTo("{\"id\":\"7\"," + ANSWER);
        assertThat(agent.post("/v2/models/ident_py/versions/1/infer", ok("\"id\":\"7\","))
                        .body())
                .isEqualTo("{\"id\":\"7\"," + ANSWER);
        assertThat(agent.post(INFER, ok("\"parameters\":{\"sequence_id\":0,\"sequence_start\":true},"))
                        .body())
                .isEqualTo("{" + ANSWER);
    }

    @Test
    void classifiesNestedDataAsRecorded() throws Exception {
        var body = "{" + INPUT.formatted("[" + NUMBERS + "]")
                + ",\"outputs\":[{\"name\":\"OUTPUT0\",\"parameters\":{\"classification\":2}}]}";

        assertThat(agent.post(INFER, body).body())
                .isEqualTo(
                        "{\"model_name\":\"ident_py\",\"model_version\":\"1\",\"outputs\":[{\"name\":\"OUTPUT0\",\"datatype\":"
                                + "\"BYTES\",\"shape\":[1,2],\"data\":[\"16.000000:15\",\"15.000000:14\"]}]}");
    }

    @Test
    void answersInBytesWithTheRecordedLengths() throws Exception {
        var json = agent.post(INFER, ok("\"parameters\":{\"binary_data_output\":true},"));
        var raw = agent.post(INFER, "\0".repeat(64), "Inference-Header-Content-Length", "0");

        for (var answer : List.of(json, raw)) {
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("content-type")).contains("application/octet-stream");
            assertThat(answer.headers().firstValue("inference-header-content-length"))
                    .contains("146");
            assertThat(answer.headers().firstValue("content-length")).contains("210");
        }
    }

    @Test
    void refusesABatchThatIsTooBig() throws Exception {
        var ones = "1,".repeat(65 * 16 - 1) + "1";
        var answer = agent.post(
                INFER,
                "{\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[65,16],\"datatype\":\"FP32\",\"data\":[" + ones + "]}]}");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body())
                .isEqualTo(
                        "{\"error\":\"[request id: <id_unknown>] inference request batch-size must be <= 64 for 'ident_py'\"}");
    }

    @Test
    void refusesWhatCannotBeRead() throws Exception {
        var badJson = agent.post(INFER, "{");
        assertThat(badJson.statusCode()).isEqualTo(500);
        assertThat(badJson.body()).startsWith("{\"error\":\"failed to parse the request JSON buffer: ");

        var badHeader = agent.post(INFER, ok(""), "Inference-Header-Content-Length", "999999");
        assertThat(badHeader.statusCode()).isEqualTo(400);
        assertThat(badHeader.headers().firstValue("content-type")).contains("text/plain");
        assertThat(badHeader.body())
                .contains("inference header size should be in range (0, ")
                .contains("), got: 999999");

        var badCoding = agent.post(INFER, ok(""), "Content-Encoding", "br");
        assertThat(badCoding.statusCode()).isEqualTo(501);
        assertThat(badCoding.body()).isEqualTo("{\"error\":\"Unsupported compression type\"}");

        var badOutput = agent.post(INFER, ok("\"outputs\":[{\"name\":\"NOPE\"}],"));
        assertThat(badOutput.statusCode()).isEqualTo(400);
        assertThat(badOutput.body())
                .isEqualTo("{\"error\":\"unexpected inference output 'NOPE' for model 'ident_py'\"}");
    }

    @Test
    void generatesAsRecorded() throws Exception {
        var body = "{\"INPUT0\":[" + NUMBERS + "]}";
        var expected =
                "{\"OUTPUT0\":[1.0,2.0,3.0,4.0,5.0,6.0,7.0,8.0,9.0,10.0,11.0,12.0,13.0,14.0,15.0,16.0],\"model_name\":"
                        + "\"ident_py\",\"model_version\":\"1\"}";
        var stream = agent.post("/v2/models/ident_py/generate_stream", body);

        assertThat(agent.post("/v2/models/ident_py/generate", body).body()).isEqualTo(expected);
        assertThat(stream.headers().firstValue("content-type")).contains("text/event-stream; charset=utf-8");
        assertThat(stream.body()).isEqualTo("data: " + expected + "\n\n");
    }

    @Test
    void compressesWhenAsked() throws Exception {
        var answer = agent.post(INFER, ok(""), "Accept-Encoding", "gzip");

        assertThat(answer.headers().firstValue("content-encoding")).contains("gzip");
        assertThat(answer.headers().firstValue("content-type")).contains("application/json");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gzip; q=0, deflate;q=0.5 | deflate
            br, gzip;q=0.1           | gzip
            gzip;q=0.0,deflate; q=0  |
            gzipped                  |
            """)
    void compressesAsTheCallerWantsIt(String accepted, String coding) throws Exception {
        var answer = agent.post(INFER, ok(""), "Accept-Encoding", accepted);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-encoding")).isEqualTo(Optional.ofNullable(coding));
    }

    @Test
    void countsWhatItDid() throws Exception {
        agent.post(INFER, ok(""));

        assertThat(agent.get("/v2/models/ident_py/stats").body())
                .startsWith("{\"model_stats\":[{\"name\":\"ident_py\",\"version\":\"1\",\"last_inference\":")
                .contains(
                        "\"cache_miss\":{\"count\":0,\"ns\":0}},\"response_stats\":{},\"batch_stats\":[{\"batch_size\":1,")
                .endsWith("\"memory_usage\":[]}]}");
        assertThat(agent.metrics())
                .contains(
                        "# TYPE nv_inference_request_success counter\nnv_inference_request_success{model=\"ident_py\",version=\"1\"} ")
                .contains("nv_inference_request_failure{model=\"ident_py\",reason=\"REJECTED\",version=\"1\"} 0\n")
                .contains("nv_inference_pending_request_count{model=\"ident_py\",version=\"1\"} 0\n")
                .contains("nv_cpu_memory_total_bytes ")
                .contains(
                        "shusuan_inference_request_duration_seconds_bucket{model=\"ident_py\",version=\"1\",le=\"+Inf\"} ")
                .contains("jvm_memory_used_bytes{");
    }
}
