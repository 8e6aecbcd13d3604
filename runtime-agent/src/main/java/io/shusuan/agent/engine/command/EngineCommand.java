package io.shusuan.agent.engine.command;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.build.PlanMaker;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** {@code shusuan-agent engine COMMAND …}. */
public final class EngineCommand {
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    static final int REJECTED = 3;

    /** For whoever starts a command and wants it to end with himself, however he ends. */
    static final String WHILE_INPUT_LASTS = "--while-input-lasts";

    private EngineCommand() {}

    /**
     * Runs one command and answers the process' exit code.
     *
     * @param maker TensorRT, which is looked for when an engine is to be built
     */
    public static int run(List<String> words, PlanMaker maker, PrintStream out, PrintStream err) {
        if (words.isEmpty() || words.contains("--help") || words.getFirst().equals("help")) {
            (words.isEmpty() ? err : out).print(Help.TEXT);
            return words.isEmpty() ? USAGE : 0;
        }
        var rest = new ArrayList<>(words.subList(1, words.size()));
        if (rest.remove(WHILE_INPUT_LASTS)) {
            Thread.ofPlatform().daemon().name("input").start(EngineCommand::endWithInput);
        }
        try {
            return switch (words.getFirst()) {
                case "convert" -> ConvertCommand.run(rest, out);
                case "inspect" -> InspectCommand.run(rest, out);
                case "compare" -> CompareCommand.run(rest, out);
                case "profile" -> ProfileCommand.run(rest, maker, out);
                case "build" -> BuildCommand.run(rest, maker, out);
                default ->
                    throw new WrongUsage("there is no command '" + words.getFirst()
                            + "'; convert, inspect, compare, profile and build are");
            };
        } catch (WrongUsage wrong) {
            err.println("shusuan-agent engine: " + wrong.getMessage() + "; --help tells more");
            return USAGE;
        } catch (EngineException failed) {
            return failed(words, failed, out, err);
        } catch (OutOfMemoryError full) {
            return failed(words, outOfMemory(full), out, err);
        }
    }

    private static int failed(List<String> words, EngineException failed, PrintStream out, PrintStream err) {
        if (words.contains("--json")) {
            out.println(json(failed));
        }
        err.println("shusuan-agent engine: " + failed.fault() + ": " + failed.text());
        return FAILED;
    }

    /** What was held is free again by now. */
    private static EngineException outOfMemory(OutOfMemoryError full) {
        return new EngineException(
                Fault.OUT_OF_MEMORY,
                "the model does not fit into this process, which may have "
                        + (Runtime.getRuntime().maxMemory() >> 20)
                        + " MiB of heap (" + full.getMessage()
                        + "): a model is held there several times; give the machine or the task more memory",
                full);
    }

    /** What is wrong with the options of a conversion, those for its files aside; empty when nothing is. */
    public static Optional<String> faultOfConversion(List<String> options) {
        try {
            ConvertCommand.check(options);
            return Optional.empty();
        } catch (WrongUsage wrong) {
            return Optional.of(String.valueOf(wrong.getMessage()));
        }
    }

    private static void endWithInput() {
        try {
            while (System.in.read() >= 0) {
                // nothing that is said matters
            }
        } catch (IOException broken) {
            // as good as the end
        }
        Runtime.getRuntime().halt(1);
    }

    private static String json(EngineException failed) {
        var text = new StringWriter();
        try (var json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("code", failed.fault().name());
            json.writeStringProperty("error", failed.text());
            json.writeEndObject();
        }
        return text.toString();
    }
}
