package io.shusuan.agent.engine.command;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.calibration.Method;
import io.shusuan.agent.engine.conversion.Conversion;
import io.shusuan.agent.engine.conversion.ConversionRequest;
import io.shusuan.agent.engine.conversion.Precision;
import io.shusuan.agent.engine.conversion.Report;
import io.shusuan.agent.engine.conversion.ReportJson;
import io.shusuan.agent.engine.gate.Limits;
import io.shusuan.agent.engine.precision.Keep;
import io.shusuan.agent.engine.precision.Layer.Outcome;
import io.shusuan.agent.engine.precision.Processor;
import io.shusuan.agent.engine.precision.Target;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** {@code convert}. */
final class ConvertCommand {
    private static final Map<String, Boolean> FLAGS = Map.ofEntries(
            Map.entry("--to", true),
            Map.entry("--samples", true),
            Map.entry("--output", true),
            Map.entry("--replace", false),
            Map.entry("--target", true),
            Map.entry("--without-vnni", false),
            Map.entry("--keep", true),
            Map.entry("--calibration", true),
            Map.entry("--per-tensor", false),
            Map.entry("--batch", true),
            Map.entry("--threads", true),
            Map.entry("--max-accuracy-drop", true),
            Map.entry("--max-error", true),
            Map.entry("--min-speedup", true),
            Map.entry("--json", false));

    private ConvertCommand() {}

    static int run(List<String> words, PrintStream out) throws WrongUsage, EngineException {
        var arguments = Arguments.parse(words, FLAGS);
        var report = Conversion.run(request(arguments));
        out.print(arguments.has("--json") ? ReportJson.write(report) + "\n" : text(report));
        return report.isRejected() ? EngineCommand.REJECTED : 0;
    }

    /** @throws WrongUsage when a conversion with these options would not begin */
    static void check(List<String> options) throws WrongUsage {
        var words = new ArrayList<>(List.of("model.onnx", "--samples=samples.npz", "--output=output"));
        words.addAll(options);
        request(Arguments.parse(words, FLAGS));
    }

    private static ConversionRequest request(Arguments arguments) throws WrongUsage {
        var precision = arguments.choice(
                "--to", Precision.class, arguments.required("--to", "name the precision, fp16, bf16, int8 or fp8"));
        var method = arguments.choice(
                "--calibration", Method.class, arguments.text("--calibration").orElse("minmax"));
        if (precision == Precision.FP8 && method == Method.ENTROPY) {
            throw new WrongUsage(
                    "--calibration entropy cuts for 128 equal steps, which fp8 does not have: take minmax");
        }
        var limits = new Limits(
                arguments.real("--max-accuracy-drop", 1, 0, 100) / 100,
                arguments.real("--max-error", 100 * precision.relativeError(), 0, 1e6) / 100,
                arguments.real("--min-speedup", 0.95, 0, 1000));
        return new ConversionRequest(
                arguments.files(1, "one model").getFirst(),
                Path.of(arguments.required(
                        "--samples", "real inputs, in a file of numpy.savez, are what a gate needs")),
                Path.of(arguments.required("--output", "name the folder that the result becomes")),
                arguments.has("--replace"),
                precision,
                arguments.choice(
                        "--target", Target.class, arguments.text("--target").orElse("cpu")),
                Processor.hasDotProducts() && !arguments.has("--without-vnni"),
                new Keep(Set.copyOf(arguments.all("--keep"))),
                method,
                !arguments.has("--per-tensor"),
                arguments.number("--batch", 8, 1, 4096),
                arguments.number("--threads", 1, 1, 1024),
                limits);
    }

    private static String text(Report report) {
        var text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%s  %s to %s, %s%n",
                report.state(),
                report.model(),
                report.precision(),
                report.settings()));
        report.failures().forEach(failure -> text.append("  ").append(failure).append('\n'));
        text.append(Tables.accuracy(report.accuracy()));
        report.latency().ifPresent(latency -> text.append(Tables.latency(latency)));
        text.append(String.format(
                Locale.ROOT,
                "size      %.2f MB, was %.2f MB%nlayers    %d converted, %d stored, %d kept in FP32%n",
                report.bytesAfter() / 1e6,
                report.bytesBefore() / 1e6,
                report.count(Outcome.CONVERTED),
                report.count(Outcome.STORED),
                report.count(Outcome.KEPT)));
        report.layers().stream()
                .filter(layer -> layer.outcome() == Outcome.KEPT || layer.outcome() == Outcome.STORED)
                .forEach(layer -> text.append(String.format(
                        "  %-9s %s '%s': %s%n", layer.outcome(), layer.operator(), layer.name(), layer.reason())));
        return text.toString();
    }
}
