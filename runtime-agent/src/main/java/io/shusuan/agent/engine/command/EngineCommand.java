package io.shusuan.agent.engine.command;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.build.PlanMaker;
import java.io.PrintStream;
import java.io.StringWriter;
import java.util.List;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** {@code shusuan-agent engine COMMAND …}. */
public final class EngineCommand {
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    static final int REJECTED = 3;

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
        var rest = words.subList(1, words.size());
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
            if (words.contains("--json")) {
                out.println(json(failed));
            }
            err.println("shusuan-agent engine: " + failed.fault() + ": " + failed.text());
            return FAILED;
        }
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
