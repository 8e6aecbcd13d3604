import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What is sent to a model, and what ONNX Runtime answered to it at preparation.
 *
 * @param model the name it is served by
 * @param row the shape of one sample, as it stands in a request
 */
record Tensors(String model, String type, String row, byte[] sent, float[] expected) {
    /** @param kind the model that was prepared */
    static Tensors of(Setting setting, String kind, String model) throws IOException {
        var sent = Files.readAllBytes(setting.models().resolve(kind + ".sent"));
        var expected = floats(Files.readAllBytes(setting.models().resolve(kind + ".expected")), 0);
        int image = (int) Math.round(Math.sqrt(sent.length / 4.0 / Setting.BATCH / 3));
        return switch (kind) {
            case "resnet50" -> new Tensors(model, "FP32", "3," + image + "," + image, sent, expected);
            case "transformer" -> new Tensors(model, "INT64", Integer.toString(sent.length / 8 / Setting.BATCH), sent, expected);
            default -> new Tensors(model, "FP32", "1,8,8", sent, expected);
        };
    }

    record Body(byte[] bytes, int head) {}

    int bytes(int batch) {
        return sent.length / Setting.BATCH * batch;
    }

    int answerBytes(int batch) {
        return 4 * expected.length / Setting.BATCH * batch;
    }

    /** The samples' numbers, one after the other, as JSON writes them. */
    String numbers(int batch) {
        float[] all = floats(sent, 0);
        return IntStream.range(0, bytes(batch) / 4).mapToObj(i -> Float.toString(all[i])).collect(Collectors.joining(","));
    }

    private String input(int batch, String parameters) {
        return "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"" + type + "\",\"shape\":[" + batch + "," + row + "],\"parameters\":{"
                + parameters + "}}],";
    }

    Body request(int batch) {
        var head = (input(batch, "\"binary_data_size\":" + bytes(batch)) + "\"parameters\":{\"binary_data_output\":true}}")
                .getBytes(StandardCharsets.UTF_8);
        var body = Arrays.copyOf(head, head.length + bytes(batch));
        System.arraycopy(sent, 0, body, head.length, bytes(batch));
        return new Body(body, head.length);
    }

    /** A request that says where its tensors lie. */
    byte[] requestInMemory(int batch, String in, String out) {
        return (input(batch, region(in, bytes(batch))) + "\"outputs\":[{\"name\":\"OUTPUT0\",\"parameters\":{" + region(out, answerBytes(batch)) + "}}]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String region(String name, int bytes) {
        return "\"shared_memory_region\":\"" + name + "\",\"shared_memory_byte_size\":" + bytes;
    }

    static float[] floats(byte[] bytes, int from) {
        var values = new float[(bytes.length - from) / 4];
        ByteBuffer.wrap(bytes, from, bytes.length - from).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }

    /** The mean difference of the first answers from those of ONNX Runtime, beside what these usually are, in per cent. */
    double error(float[] answers) {
        return 100 * distance(answers, expected) / distance(new float[answers.length], expected);
    }

    static double distance(float[] one, float[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += Math.abs((double) one[i] - other[i]);
        }
        return sum / one.length;
    }

    /** A model of a repository that is served from a plan. */
    static Path place(Path repository, String model, Path plan, String config) throws IOException {
        var version = Files.createDirectories(repository.resolve(model).resolve("1"));
        Files.writeString(repository.resolve(model).resolve("config.pbtxt"), config);
        if (plan != null) {
            Files.copy(plan, version.resolve(plan.getFileName()));
        }
        return version;
    }
}
