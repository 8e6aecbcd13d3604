import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What callers are promised holds whichever engine answers: the same model is served by ONNX Runtime and by TensorRT beside it, and every call,
 * right and wrong ones, has the same status, the same words and, up to rounding, the same numbers.
 */
final class Contract {
    private static final String MODEL = "digits";
    private static final int PIXELS = 64;
    private static final int CLASSES = 10;
    private static final int MOST = 4;
    /** Of scores, which are some units apart. */
    private static final double ROUNDING = 0.02;

    /** @param body what is posted; nothing where it is asked for */
    private record Call(String what, String path, String body) {}

    private Contract() {}

    static void hold(Setting setting, Outcome outcome) throws IOException, InterruptedException {
        var repository = setting.fresh("contract");
        var batches = "max_batch_size: " + MOST + "\n";
        var reference = Tensors.place(repository, "byonnx", null, "backend: \"onnxruntime\"\n" + batches);
        Files.copy(setting.converted(MODEL, "fp32").toRealPath(), reference.resolve("model.onnx"));
        Tensors.place(repository, "byplan", setting.engine(MODEL, "fp32").resolve("model.plan"),
                "backend: \"tensorrt\"\ninstance_group [ { kind: KIND_GPU } ]\n" + batches);
        try (var agent = new ServedAgent(setting, repository)) {
            for (var call : calls(Tensors.of(setting, MODEL, MODEL))) {
                compare(agent, outcome, call);
            }
        }
    }

    private static void compare(ServedAgent agent, Outcome outcome, Call call) throws IOException, InterruptedException {
        var expected = agent.call("/v2/models/byonnx" + call.path(), call.body());
        var answer = agent.call("/v2/models/byplan" + call.path(), call.body());
        var words = told(expected.body(), "byonnx");
        var same = expected.statusCode() == answer.statusCode() && near(words, told(answer.body(), "byplan"));
        outcome.check(same, call.what() + ": " + expected.statusCode()
                + (same ? "" : " and " + answer.statusCode() + ", " + expected.body() + " and " + answer.body()));
    }

    /** An answer without what names the model and its engine. */
    private static Object told(String body, String model) {
        if (body.isEmpty()) {
            return "";
        }
        var told = Json.read(body.replace(model, "MODEL"));
        told.remove("platform");
        return told;
    }

    private static boolean near(Object one, Object other) {
        if (one instanceof Map<?, ?> fields && other instanceof Map<?, ?> others) {
            return fields.keySet().equals(others.keySet()) && fields.keySet().stream().allMatch(name -> near(fields.get(name), others.get(name)));
        }
        if (one instanceof List<?> items && other instanceof List<?> others) {
            return items.size() == others.size() && IntStream.range(0, items.size()).allMatch(i -> near(items.get(i), others.get(i)));
        }
        if (one instanceof Double number && other instanceof Double otherNumber) {
            return Math.abs(number - otherNumber) <= ROUNDING * (1 + Math.abs(number));
        }
        return one.equals(other) || near(one.toString().split(":", -1), other.toString().split(":", -1));
    }

    /** Classes are told as {@code score:number}. */
    private static boolean near(String[] one, String[] other) {
        return one.length == 2 && other.length == 2 && one[1].equals(other[1])
                && near((Object) Double.valueOf(one[0]), Double.valueOf(other[0]));
    }

    private static List<Call> calls(Tensors tensors) {
        var one = tensors.numbers(1);
        var three = tensors.numbers(3);
        var calls = new ArrayList<Call>();
        calls.add(new Call("what the model is", "", null));
        calls.add(new Call("that it is ready", "/ready", null));
        calls.add(new Call("that version 1 is ready", "/versions/1/ready", null));
        calls.add(new Call("that there is no version 2", "/versions/2/ready", null));
        calls.add(infer("one sample", input(1, one), ""));
        calls.add(infer("three samples", input(3, three), ""));
        calls.add(infer("an id that comes back", input(1, one), ",\"id\":\"seven\""));
        calls.add(infer("an output by its name", input(1, one), ",\"outputs\":[{\"name\":\"OUTPUT0\"}]"));
        calls.add(infer("the three best classes", input(3, three), ",\"outputs\":[{\"name\":\"OUTPUT0\",\"parameters\":{\"classification\":3}}]"));
        calls.add(infer("more classes than there are", input(1, one), ",\"outputs\":[{\"name\":\"OUTPUT0\",\"parameters\":{\"classification\":" + 2 * CLASSES + "}}]"));
        calls.add(infer("an output that it has not", input(1, one), ",\"outputs\":[{\"name\":\"OUTPUT9\"}]"));
        calls.add(infer("an input that it has not", input("INPUT9", "FP32", "1,1,8,8", one), ""));
        calls.add(infer("an input too many", input(1, one) + "," + input("INPUT9", "FP32", "1,1,8,8", one), ""));
        calls.add(infer("an input twice", input(1, one) + "," + input(1, one), ""));
        calls.add(infer("no input", "", ""));
        calls.add(infer("another type", input("INPUT0", "INT32", "1,1,8,8", String.join(",", Collections.nCopies(PIXELS, "1"))), ""));
        calls.add(infer("a type that there is not", input("INPUT0", "FP33", "1,1,8,8", one), ""));
        calls.add(infer("another shape", input("INPUT0", "FP32", "1,8,8", one), ""));
        calls.add(infer("a dimension that is larger", input("INPUT0", "FP32", "1,1,8,9", one + ",0,0,0,0,0,0,0,0"), ""));
        calls.add(infer("a dimension below zero", input("INPUT0", "FP32", "1,1,8,-8", one), ""));
        calls.add(infer("no sample at all", input("INPUT0", "FP32", "0,1,8,8", ""), ""));
        calls.add(infer("more samples than a batch has", input(MOST + 1, tensors.numbers(MOST + 1)), ""));
        calls.add(infer("fewer numbers than the shape says", input("INPUT0", "FP32", "2,1,8,8", one), ""));
        calls.add(infer("text among the numbers", input("INPUT0", "FP32", "1,1,8,8", "\"a\"" + ",1".repeat(PIXELS - 1)), ""));
        calls.add(new Call("what is no JSON", "/infer", "{\"inputs\":"));
        calls.add(new Call("a version that is not there", "/versions/2/infer", body(input(1, one), "")));
        return calls;
    }

    private static Call infer(String what, String inputs, String more) {
        return new Call(what, "/infer", body(inputs, more));
    }

    private static String body(String inputs, String more) {
        return "{\"inputs\":[" + inputs + "]" + more + "}";
    }

    private static String input(int batch, String numbers) {
        return input("INPUT0", "FP32", batch + ",1,8,8", numbers);
    }

    private static String input(String name, String type, String shape, String numbers) {
        return "{\"name\":\"" + name + "\",\"datatype\":\"" + type + "\",\"shape\":[" + shape + "],\"data\":[" + numbers + "]}";
    }
}
