import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** From ONNX files to engines, by the commands that users have, gates included. */
final class Engines {
    private static final List<String> MODELS = List.of("resnet50", "transformer");
    private static final int REJECTED = 3;
    private static final int FP8_FROM = 89;

    private Engines() {}

    static void convert(Setting setting, Outcome outcome) throws IOException, InterruptedException {
        for (var model : MODELS) {
            for (var precision : Setting.PRECISIONS.subList(1, Setting.PRECISIONS.size())) {
                convert(setting, outcome, model, precision);
            }
        }
        convert(setting, outcome, "digits", "int8");
    }

    private static void convert(Setting setting, Outcome outcome, String model, String precision) throws IOException, InterruptedException {
        var done = Command.engine(
                setting, "convert", setting.converted(model, "fp32"), "--to", precision, "--target", "gpu",
                "--samples", setting.models().resolve(model + ".npz"),
                "--output", setting.converted(model, precision).getParent(), "--replace", "--json", "--max-error=100");
        if (done.code() != 0) {
            outcome.fail(model + " to " + precision + ": " + done.said());
            return;
        }
        var report = Json.read(done.out());
        outcome.see(model + " to " + precision + ": " + layers(report) + " layers converted, mean error "
                + Report.number(100 * Json.number(report, "accuracy.outputs.0.relativeError")) + " % in ONNX Runtime");
    }

    private static String layers(Object report) {
        return Report.number(Json.number(report, "layerCounts.CONVERTED"));
    }

    static void build(Setting setting, Outcome outcome) throws IOException, InterruptedException {
        for (var model : MODELS) {
            for (var precision : Setting.PRECISIONS) {
                var samples = setting.models().resolve(model + ".npz");
                var report = build(setting, outcome, model, precision, samples);
                if (report != null) {
                    accuracy(outcome, model + " " + precision, report, limit(precision));
                }
            }
        }
        var heldOut = setting.models().resolve("digits-held-out.npz");
        build(setting, outcome, "digits", "fp32", heldOut);
        var report = build(setting, outcome, "digits", "int8", heldOut);
        if (report != null) {
            double before = 100 * Json.number(report, "accuracy.task.before");
            double after = 100 * Json.number(report, "accuracy.task.after");
            outcome.see("the trained network, on images it has not seen: FP32 in ONNX Runtime and INT8 as an engine were compared");
            outcome.figure("accuracy of FP32", before, "%");
            outcome.figure("accuracy of INT8", after, "%");
            outcome.atMost("accuracy that INT8 loses", before - after, "points", 1);
        }
    }

    /** What an engine may differ from ONNX Runtime on the mean: more where it computes in other numbers. */
    private static double limit(String precision) {
        return switch (precision) {
            case "fp32", "fp16" -> 1;
            default -> 8;
        };
    }

    private static void accuracy(Outcome outcome, String what, Object report, double limit) {
        outcome.atMost("mean error of " + what + " beside FP32 in ONNX Runtime", 100 * Json.number(report, "accuracy.outputs.0.relativeError"), "%", limit);
        outcome.figure("time to build " + what, Json.number(report, "buildSeconds"), "s");
        outcome.figure("size of " + what, Json.number(report, "planBytes") / 1e6, "MB");
    }

    private static Object build(Setting setting, Outcome outcome, String model, String precision, Path samples)
            throws IOException, InterruptedException {
        var done = Command.engine(
                setting, "build", setting.converted(model, precision), "--original", setting.converted(model, "fp32"),
                "--samples", samples, "--max-batch", Setting.BATCH, "--cache", setting.cache(),
                "--output", setting.engine(model, precision), "--replace", "--json", setting.leniently());
        if (done.code() == 0) {
            outcome.see(model + " " + precision + " is built");
            return Json.read(done.out());
        }
        if (precision.equals("fp8") && !setting.rehearsal() && architecture(setting) < FP8_FROM) {
            outcome.skip(model + " fp8", "GPUs have FP8 from sm_" + FP8_FROM + " on: " + done.said());
        } else if (done.code() == REJECTED) {
            outcome.fail(model + " " + precision + " was rejected: " + Json.at(Json.read(done.out()), "reasons"));
        } else {
            outcome.fail(model + " " + precision + ": " + done.said());
        }
        return null;
    }

    /** Of the first GPU, as the agent tells it. */
    private static int architecture(Setting setting) throws IOException, InterruptedException {
        var told = Pattern.compile("GPU 0 sm_(\\d+)").matcher(Command.run(setting.agent(), "--list-backends").out());
        return told.find() ? Integer.parseInt(told.group(1)) : 0;
    }

    static boolean isThere(Setting setting, String model, String precision) {
        return Files.exists(setting.engine(model, precision).resolve("model.plan"));
    }
}
