package io.shusuan.agent.engine.command;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.ConfigText;
import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.build.BuildOptions;
import io.shusuan.agent.engine.build.BuildRequest;
import io.shusuan.agent.engine.build.BuiltEngine;
import io.shusuan.agent.engine.build.CacheFolder;
import io.shusuan.agent.engine.build.EngineBuild;
import io.shusuan.agent.engine.build.ExpectedShapes;
import io.shusuan.agent.engine.build.PlanMaker;
import io.shusuan.agent.engine.conversion.OutputFolder;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code build}. */
final class BuildCommand {
    private static final Map<String, Boolean> FLAGS = flags();

    private BuildCommand() {}

    private static Map<String, Boolean> flags() {
        var flags = new HashMap<>(Map.of(
                "--samples", true,
                "--original", true,
                "--max-batch", true,
                "--gpu", true,
                "--cache", true,
                "--cache-mbytes", true,
                "--output", true,
                "--replace", false,
                "--json", false));
        BuildOptions.NAMES.forEach((name, hasValue) -> flags.put("--" + name, hasValue));
        return Map.copyOf(flags);
    }

    static int run(List<String> words, PlanMaker maker, PrintStream out) throws WrongUsage, EngineException {
        var arguments = Arguments.parse(words, FLAGS);
        var request = request(arguments);
        var output = arguments.text("--output");
        var place = output.isPresent()
                ? Optional.of(OutputFolder.at(Path.of(output.get()), arguments.has("--replace"), BuiltEngine.REPORT))
                : Optional.<OutputFolder>empty();
        var cache = CacheFolder.named(arguments.text("--cache"), System.getenv())
                .open(
                        arguments.number("--cache-mbytes", CacheFolder.USUAL_MBYTES, 1, Integer.MAX_VALUE),
                        Optional.empty());
        try {
            var build = EngineBuild.prepare(request, maker.platform(request.gpu()));
            var engine = build.run(maker, cache);
            if (place.isPresent()) {
                place.get().write(engine::copyTo);
            }
            out.print(arguments.has("--json") ? Files.readString(engine.report()) : text(engine));
            return engine.rejection().isPresent() ? EngineCommand.REJECTED : 0;
        } catch (IOException unreadable) {
            throw new EngineException(Fault.UNREADABLE, "the report cannot be read: " + unreadable, unreadable);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new EngineException(Fault.NOT_BUILDABLE, "the build was stopped", stopped);
        }
    }

    private static BuildRequest request(Arguments arguments) throws WrongUsage, EngineException {
        try {
            return new BuildRequest(
                    arguments.files(1, "one model").getFirst(),
                    arguments.text("--original").map(Path::of),
                    arguments.text("--samples").map(Path::of),
                    arguments.number("--gpu", 0, 0, 1023),
                    BuildOptions.read(new Flags(arguments)),
                    expected(arguments));
        } catch (IllegalArgumentException wrong) {
            throw new WrongUsage(String.valueOf(wrong.getMessage()));
        }
    }

    /** By the flag, else by the configuration where the model lies in a repository. */
    private static ExpectedShapes expected(Arguments arguments) throws WrongUsage, EngineException {
        var model = arguments.files(1, "one model").getFirst().toAbsolutePath();
        var config = model.resolve("../../config.pbtxt").normalize();
        if (arguments.has("--max-batch") || arguments.has("--profile") || !Files.isRegularFile(config)) {
            return ExpectedShapes.batches(arguments.number("--max-batch", ExpectedShapes.UNSAID, 1, 1 << 20));
        }
        try {
            return ExpectedShapes.of(ConfigText.read(config).config());
        } catch (LoadException wrong) {
            throw new EngineException(Fault.UNREADABLE, wrong.text(), wrong);
        }
    }

    private record Flags(Arguments arguments) implements BuildOptions.Given {
        @Override
        public List<String> all(String option) {
            return arguments.all(called(option));
        }

        @Override
        public String called(String option) {
            return "--" + option;
        }
    }

    private static String text(BuiltEngine engine) {
        var text = new StringBuilder(engine.rejection().isPresent() ? "REJECTED  " : "ACCEPTED  ");
        text.append(engine.plan()).append('\n');
        engine.rejection().ifPresent(why -> text.append(why.indent(2)));
        return text.append("report    ").append(engine.report()).append('\n').toString();
    }
}
