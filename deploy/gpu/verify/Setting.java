import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * Where things are, and how much of each is done.
 *
 * @param agent the command that runs the agent
 * @param java the command that runs Java
 * @param rehearsal whether ONNX Runtime is in TensorRT's place, so that no figure says anything of a GPU
 */
record Setting(Path folder, String agent, String java, boolean rehearsal) {
    static final List<String> PRECISIONS = List.of("fp32", "fp16", "int8", "fp8");

    /** The largest batch of the engines, and as many samples as are sent at most. */
    static final int BATCH = 32;

    Path models() {
        return folder.resolve("models");
    }

    /** What the steps make; those that come later use it. */
    Path work() {
        return folder.resolve("work");
    }

    Path converted(String model, String precision) {
        return precision.equals("fp32")
                ? models().resolve(model + ".onnx")
                : work().resolve("converted").resolve(model + "-" + precision).resolve("model.onnx");
    }

    Path engine(String model, String precision) {
        return work().resolve("engines").resolve(model + "-" + precision);
    }

    Path cache() {
        return work().resolve("cache");
    }

    int swaps() {
        return rehearsal ? 12 : 500;
    }

    /** How long a rate is measured. */
    int seconds() {
        return rehearsal ? 1 : 10;
    }

    /** The batches at which serving is held against the bare loop. */
    List<Integer> batches() {
        return rehearsal ? List.of(4) : List.of(1, 8, 32);
    }

    /** What a converted or built model may differ by, in per cent, where only its speed is wanted: random weights learnt nothing. */
    List<String> leniently() {
        return List.of("--max-error=100", "--min-speedup=" + (rehearsal ? 0 : 0.95));
    }

    /** An empty folder for what a step makes. */
    Path fresh(String name) throws IOException {
        var fresh = work().resolve(name);
        if (Files.exists(fresh)) {
            try (var all = Files.walk(fresh)) {
                for (var each : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
        return Files.createDirectories(fresh);
    }
}
