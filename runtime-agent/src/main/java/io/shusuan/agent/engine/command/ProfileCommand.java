package io.shusuan.agent.engine.command;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.build.EnqueueLoad;
import io.shusuan.agent.engine.build.PlanMaker;
import io.shusuan.agent.engine.graph.GraphCheck;
import io.shusuan.agent.engine.graph.OnnxFile;
import io.shusuan.agent.engine.sample.Samples;
import io.shusuan.agent.engine.session.Session;
import io.shusuan.agent.engine.session.SessionSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code profile}. */
final class ProfileCommand {
    private static final Map<String, Boolean> FLAGS =
            Map.of("--samples", true, "--runs", true, "--threads", true, "--json", false);
    private static final Map<String, Boolean> PLAN_FLAGS = Map.of(
            "--samples", true, "--batch", true, "--streams", true, "--seconds", true, "--gpu", true, "--json", false);

    private ProfileCommand() {}

    static int run(List<String> words, PlanMaker maker, PrintStream out) throws WrongUsage, EngineException {
        return words.stream().anyMatch(word -> word.endsWith(".plan")) ? plan(words, maker, out) : layers(words, out);
    }

    /** What TensorRT does within a plan it does not tell; how often it can do it, it does. */
    private static int plan(List<String> words, PlanMaker maker, PrintStream out) throws WrongUsage, EngineException {
        var arguments = Arguments.parse(words, PLAN_FLAGS);
        var load = new EnqueueLoad(
                arguments.number("--gpu", 0, 0, 1023),
                samples(arguments),
                arguments.number("--batch", 1, 1, 1 << 20),
                arguments.number("--streams", 1, 1, 1024),
                Duration.ofMillis((long) (1000 * arguments.real("--seconds", 3, 0.01, 3600))));
        var rates = maker.enqueue(arguments.files(1, "one plan").getFirst(), load);
        out.print(arguments.has("--json") ? rates.json() + "\n" : rates.text());
        return 0;
    }

    private static Samples samples(Arguments arguments) throws WrongUsage, EngineException {
        return Samples.read(Path.of(arguments.required("--samples", "real inputs for the model")));
    }

    private static int layers(List<String> words, PrintStream out) throws WrongUsage, EngineException {
        var arguments = Arguments.parse(words, FLAGS);
        var model =
                GraphCheck.sorted(OnnxFile.read(arguments.files(1, "one model").getFirst()));
        var samples = samples(arguments);
        int runs = arguments.number("--runs", 50, 1, 100_000);
        int threads = arguments.number("--threads", 1, 1, 1024);
        try {
            var folder = Files.createTempDirectory("shusuan-profile");
            Path file = null;
            try (var session =
                    Session.open(model, new SessionSettings(threads, true, Optional.of(folder.resolve("profile"))))) {
                try (var bare =
                        session.bare(samples.batches(session.inputs(), 1).get(0))) {
                    for (int i = 0; i < runs; i++) {
                        bare.run();
                    }
                }
                file = session.endProfile();
                var profile = Profile.read(file, runs);
                out.print(arguments.has("--json") ? profile.json() + "\n" : profile.text());
            } finally {
                if (file != null) {
                    Files.deleteIfExists(file);
                }
                Files.deleteIfExists(folder);
            }
            return 0;
        } catch (IOException unwritable) {
            throw new EngineException(Fault.UNWRITABLE, "cannot keep a profile: " + unwritable, unwritable);
        }
    }
}
