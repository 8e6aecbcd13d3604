import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Engines that come and go under load. */
final class Swaps {
    private static final int CALLERS = 4;

    private Swaps() {}

    /** ONNX Runtime answers until the engine is built; then the engine does, and nobody notices. */
    static void whileBuilding(Setting setting, Outcome outcome) throws IOException, InterruptedException {
        var repository = setting.fresh("while-building");
        var config = Serving.config(1) + "parameters { key: \"build_min_speedup\" value { string_value: \"0\" } }\n";
        Tensors.place(repository, "resnet50", setting.models().resolve("resnet50.onnx").toRealPath(), config);
        Files.move(repository.resolve("resnet50/1/resnet50.onnx"), repository.resolve("resnet50/1/model.onnx"));
        Files.copy(setting.models().resolve("resnet50.npz"), repository.resolve("resnet50/samples.npz"));
        var tensors = Tensors.of(setting, "resnet50", "resnet50");
        try (var agent = new ServedAgent(setting, repository, "--engine-cache=" + setting.fresh("while-building-cache"))) {
            outcome.check(agent.index().contains("ONNX Runtime answers"), "ONNX Runtime answers while the engine is built");
            try (var callers = new Callers(agent, tensors, CALLERS)) {
                for (long end = System.nanoTime() + 1_200_000_000_000L; agent.index().contains("is being built") && System.nanoTime() < end; ) {
                    Thread.sleep(100);
                }
                callers.awaitMore(20);
                callers.close();
                callers.tell(outcome, "the build and the swap");
            }
            outcome.check(!agent.index().contains("ONNX Runtime answers"), "the engine answers after it was built" + reason(agent));
            outcome.atMost("mean error of the engine that was swapped in", tensors.error(agent.answer(tensors, Setting.BATCH)), "%", 1);
        }
    }

    private static String reason(ServedAgent agent) throws IOException, InterruptedException {
        var index = agent.index();
        int at = index.indexOf("\"reason\"");
        return at < 0 ? "" : " (" + index.substring(at) + ")";
    }

    /** Two engines by turns in the place of one model, under load. */
    static void swap(Setting setting, Outcome outcome) throws IOException, InterruptedException {
        var plans = List.of(setting.engine("resnet50", "fp16").resolve("model.plan"), setting.engine("resnet50", "int8").resolve("model.plan"));
        var repository = setting.fresh("swapped");
        var version = Tensors.place(repository, "resnet50", plans.getFirst(), Serving.config(2));
        var tensors = Tensors.of(setting, "resnet50", "resnet50");
        try (var agent = new ServedAgent(setting, repository)) {
            var answers = List.of(agent.answer(tensors, 1), put(agent, plans.get(1), version, tensors));
            int seen = 0;
            try (var callers = new Callers(agent, tensors, CALLERS)) {
                int warmUp = setting.swaps() / 5;
                double before = 0;
                for (int i = 0; i < setting.swaps(); i++) {
                    if (i == warmUp) {
                        before = agent.residentMb();
                    }
                    var answer = put(agent, plans.get(i % 2), version, tensors);
                    seen += Tensors.distance(answer, answers.get(i % 2)) < Tensors.distance(answer, answers.get(1 - i % 2)) ? 1 : 0;
                    callers.awaitMore(2);
                }
                double after = agent.residentMb();
                callers.close();
                callers.tell(outcome, setting.swaps() + " swaps of engines");
                outcome.atMost("growth of the agent's memory after the first fifth of the swaps", 100 * (after / before - 1), "%", 5);
            }
            outcome.check(seen == setting.swaps(), seen + " of " + setting.swaps() + " swaps were followed by the new engine's answer");
        }
    }

    private static float[] put(ServedAgent agent, Path plan, Path version, Tensors tensors) throws IOException, InterruptedException {
        var fresh = version.resolve(".fresh");
        Files.copy(plan, fresh, StandardCopyOption.REPLACE_EXISTING);
        Files.move(fresh, version.resolve("model.plan"), StandardCopyOption.ATOMIC_MOVE);
        var loaded = agent.load("resnet50");
        if (loaded.statusCode() != 200) {
            throw new IOException("a swap was refused: " + loaded.body());
        }
        return agent.answer(tensors, 1);
    }
}
