package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every element type and shape, as JSON and as bytes, through a model that changes nothing. */
class TensorFormsTest {
    private static final String TYPES =
            "BOOL UINT8 UINT16 UINT32 UINT64 INT8 INT16 INT32 INT64 FP16 BF16 FP32 FP64 STRING";

    @TempDir
    private static Path folder;

    private static RunningAgent agent;

    @BeforeAll
    static void start() throws InterruptedException {
        var repository = new ModelRepository(folder);
        for (var type : TYPES.split(" ", -1)) {
            repository.identity(type.equals("STRING") ? "BYTES" : type, """
                    backend: "identity"
                    input { name: "I" data_type: TYPE_%1$s dims: -1 }
                    output { name: "O" data_type: TYPE_%1$s dims: -1 }
                    """.formatted(type));
        }
        repository.identity("scalar", """
                backend: "identity"
                input { name: "I" data_type: TYPE_FP32 }
                output { name: "O" data_type: TYPE_FP32 }
                """);
        agent = RunningAgent.serving(repository);
    }

    @AfterAll
    static void stop() {
        agent.close();
    }

    private static String json(String type, String shape, String rest) {
        return "{\"inputs\":[{\"name\":\"I\",\"datatype\":\"" + type + "\",\"shape\":" + shape + "," + rest + "}]";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            BOOL   | true,false
            UINT8  | 0,255
            UINT16 | 0,65535
            UINT32 | 0,4294967295
            UINT64 | 0,18446744073709551615
            INT8   | -128,127
            INT16  | -32768,32767
            INT32  | -2147483648,2147483647
            INT64  | -9223372036854775808,9223372036854775807
            FP32   | 0.1,-1.5
            FP32   | NaN,Infinity
            FP64   | -Infinity,1.0E300
            BYTES  | "","数算岛"
            """)
    void bringsJsonBack(String type, String data) throws Exception {
        var answer = agent.post("/v2/models/" + type + "/infer", json(type, "[2]", "\"data\":[" + data + "]") + "}");

        assertThat(answer.body())
                .endsWith("{\"name\":\"O\",\"datatype\":\"" + type + "\",\"shape\":[2],\"data\":[" + data + "]}]}");
    }

    @ParameterizedTest
    @CsvSource({
        "BOOL,1",
        "UINT8,1",
        "UINT16,2",
        "UINT32,4",
        "UINT64,8",
        "INT8,1",
        "INT16,2",
        "INT32,4",
        "INT64,8",
        "FP16,2",
        "BF16,2",
        "FP32,4",
        "FP64,8"
    })
    void bringsBytesBack(String type, int size) throws Exception {
        for (int count : new int[] {0, 1, 3, 5000}) {
            byte[] bytes = new byte[count * size];
            new Random(count).nextBytes(bytes);
            var answer = agent.postBinary(
                    "/v2/models/" + type + "/infer",
                    json(type, "[" + count + "]", "\"parameters\":{\"binary_data_size\":" + bytes.length + "}")
                            + ",\"parameters\":{\"binary_data_output\":true}}",
                    bytes);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(Arrays.copyOfRange(answer.body(), answer.body().length - bytes.length, answer.body().length))
                    .isEqualTo(bytes);
        }
    }

    @Test
    void mixesJsonAndBytesInOneAnswerAndOneRequest() throws Exception {
        var asked = json("FP32", "[1]", "\"parameters\":{\"binary_data_size\":4}")
                + ",\"outputs\":[{\"name\":\"O\",\"parameters\":{\"binary_data\":false}}]"
                + ",\"parameters\":{\"binary_data_output\":true}}";
        var answer = agent.postBinary("/v2/models/FP32/infer", asked, new byte[] {0, 0, (byte) 0x80, 0x3f});

        assertThat(new String(answer.body(), StandardCharsets.UTF_8)).endsWith("\"shape\":[1],\"data\":[1.0]}]}");
    }

    /** Whole numbers to the last digit, and as whole numbers. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            UINT8  | 7,255,0                                  | "255:1","7:0"
            INT16  | -3,-1,-2                                 | "-1:1","-2:2"
            INT64  | 9007199254740992,9007199254740993,-1     | "9007199254740993:1","9007199254740992:0"
            UINT64 | 9223372036854775807,18446744073709551615 | "18446744073709551615:1","9223372036854775807:0"
            FP32   | 0.5,NaN,-Infinity                        | "0.500000:0","-inf:2"
            FP64   | 1.5,2.5                                  | "2.500000:1","1.500000:0"
            """)
    void namesTheHighestOfEveryTypeThatHasAnOrder(String type, String data, String classes) throws Exception {
        int count = data.split(",", -1).length;
        var answer = agent.post(
                "/v2/models/" + type + "/infer",
                json(type, "[" + count + "]", "\"data\":[" + data + "]")
                        + ",\"outputs\":[{\"name\":\"O\",\"parameters\":{\"classification\":2}}]}");

        assertThat(answer.body()).endsWith("\"datatype\":\"BYTES\",\"shape\":[2],\"data\":[" + classes + "]}]}");
    }

    @Test
    void namesNoClassesOfWhatHasNoOrder() throws Exception {
        var answer = agent.post(
                "/v2/models/BYTES/infer",
                json("BYTES", "[1]", "\"data\":[\"a\"]")
                        + ",\"outputs\":[{\"name\":\"O\",\"parameters\":{\"classification\":1}}]}");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("class result not available for output 'O' of type BYTES");
    }

    @Test
    void takesAScalar() throws Exception {
        assertThat(agent.post("/v2/models/scalar/infer", json("FP32", "[]", "\"data\":[2.5]") + "}")
                        .body())
                .endsWith("\"shape\":[],\"data\":[2.5]}]}");
        assertThat(agent.post("/v2/models/scalar/generate", "{\"I\":2.5}").body())
                .isEqualTo("{\"O\":2.5,\"model_name\":\"scalar\",\"model_version\":\"1\"}");
    }

    @Test
    void refusesReservedParameters() throws Exception {
        for (var name : new String[] {"headers", "triton_final_response", "triton_x"}) {
            var answer = agent.post(
                    "/v2/models/FP32/infer",
                    json("FP32", "[1]", "\"data\":[1]") + ",\"parameters\":{\"" + name + "\":1}}");
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).contains("the parameter '" + name + "' is reserved");
        }
        assertThat(agent.post(
                                "/v2/models/FP32/infer",
                                json("FP32", "[1]", "\"data\":[1]") + ",\"parameters\":{\"sequence_start\":1}}")
                        .body())
                .contains("invalid value type for 'sequence_start' parameter, expected a boolean");
        assertThat(agent.post(
                                "/v2/models/FP32/infer",
                                json("FP32", "[1]", "\"data\":[1]")
                                        + ",\"parameters\":{\"mine\":1,\"priority\":2,\"timeout\":100}}")
                        .statusCode())
                .isEqualTo(200);
    }
}
