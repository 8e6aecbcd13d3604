package io.shusuan.agent.engine.command;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.conversion.ReportJson;
import io.shusuan.agent.engine.gate.Accuracy;
import io.shusuan.agent.engine.gate.Latency;
import io.shusuan.agent.engine.graph.GraphCheck;
import io.shusuan.agent.engine.graph.OnnxFile;
import io.shusuan.agent.engine.sample.Samples;
import io.shusuan.agent.engine.session.Session;
import io.shusuan.agent.engine.session.SessionSettings;
import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** {@code compare}. */
final class CompareCommand {
    private static final Map<String, Boolean> FLAGS =
            Map.of("--samples", true, "--batch", true, "--threads", true, "--json", false);
    private static final Duration MEASURED = Duration.ofSeconds(2);

    private CompareCommand() {}

    static int run(List<String> words, PrintStream out) throws WrongUsage, EngineException {
        var arguments = Arguments.parse(words, FLAGS);
        var files = arguments.files(2, "two models");
        var samples = Samples.read(Path.of(arguments.required("--samples", "real inputs for both models")));
        int threads = arguments.number("--threads", 1, 1, 1024);
        try (var first = open(files.getFirst(), threads);
                var second = open(files.getLast(), threads)) {
            var batches = samples.batches(first.inputs(), arguments.number("--batch", 8, 1, 4096));
            var accuracy = Accuracy.compare(first, second, batches);
            var one = samples.batches(first.inputs(), 1).get(0);
            var latency = Latency.measure(first, second, one, threads, MEASURED);
            out.print(
                    arguments.has("--json")
                            ? json(accuracy, latency) + "\n"
                            : Tables.accuracy(accuracy) + Tables.latency(latency));
        }
        return 0;
    }

    private static Session open(Path file, int threads) throws EngineException {
        return Session.open(GraphCheck.sorted(OnnxFile.read(file)), SessionSettings.serving(threads));
    }

    private static String json(Accuracy accuracy, Latency latency) {
        var text = new StringWriter();
        try (var json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            ReportJson.accuracy(json, accuracy);
            ReportJson.latency(json, latency);
            json.writeEndObject();
        }
        return text.toString();
    }
}
