package io.shusuan.agent;

import io.shusuan.agent.backend.Backend;
import io.shusuan.agent.backend.tensorrt.TensorRtBackend;
import io.shusuan.agent.engine.command.EngineCommand;
import io.shusuan.agent.log.Log;
import io.shusuan.agent.log.LogSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;

/** The command {@code shusuan-agent}. */
public final class Main {
    private static final Logger log = System.getLogger(Main.class.getName());
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    /** None of the others, of {@code engine} neither: whoever starts the agent again can tell. */
    private static final int GPU_LOST = 4;

    private Main() {}

    @SuppressWarnings("SystemOut") // what a command says to whoever typed it
    public static void main(String[] arguments) throws InterruptedException {
        // libraries that would log through it say of themselves that nobody listens, and a log of JSON is JSON
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        int code = run(List.of(arguments), System.out, System.err);
        System.exit(code);
    }

    private static int run(List<String> arguments, PrintStream out, PrintStream err) throws InterruptedException {
        if (!arguments.isEmpty() && arguments.getFirst().equals("engine")) {
            return EngineCommand.run(arguments.subList(1, arguments.size()), new TensorRtBackend().builds(), out, err);
        }
        Options options;
        List<String> told;
        try {
            var line = CommandLine.parse(arguments, System.getenv());
            if (line.has("--help")) {
                out.print(Flags.help());
                return 0;
            }
            if (line.has("--version")) {
                out.println("shusuan-agent " + Version.current());
                return 0;
            }
            if (line.has("--list-backends")) {
                listBackends(Agent.backends(Optional.empty(), new GpuFlags(line).read()), out);
                return 0;
            }
            if (line.has("--rehearse")) {
                return rehearse(err);
            }
            options = line.options();
            told = line.said();
        } catch (UsageException wrong) {
            err.println("shusuan-agent: " + wrong.getMessage());
            return USAGE;
        }
        try {
            var opened = openLog(options.log());
            told.forEach(each -> log.log(Level.WARNING, each));
            serve(Agent.start(options, Agent.backends(options), opened), out);
            return 0;
        } catch (StartException failed) {
            err.println("shusuan-agent: " + failed.getMessage());
            return FAILED;
        }
    }

    private static Log openLog(LogSettings settings) throws StartException {
        try {
            return Log.open(settings);
        } catch (IOException unwritable) {
            throw new StartException("cannot write the log to --log-file " + settings.file() + ": " + unwritable);
        }
    }

    private static int rehearse(PrintStream err) throws UsageException, InterruptedException {
        try {
            Rehearsal.run();
            return 0;
        } catch (IOException | StartException failed) {
            err.println("shusuan-agent: the rehearsal failed: " + failed.getMessage());
            return FAILED;
        }
    }

    private static void listBackends(List<Backend> backends, PrintStream out) {
        for (var backend : backends) {
            var problem = backend.unavailable();
            out.println(backend.name() + " " + backend.version() + " "
                    + problem.map(reason -> "not available: " + reason).orElse("available"));
        }
    }

    /**
     * Serves until the process is told to end, or must because a GPU is lost to it. The hook ends it with 0 when it was told: being stopped
     * is not a failure.
     */
    static void serve(Agent agent, PrintStream out) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            agent.close();
            Runtime.getRuntime().halt(agent.doom().isDone() ? GPU_LOST : 0);
        }));
        var _ = agent.doom()
                .thenRunAsync(
                        () -> System.exit(GPU_LOST),
                        exit -> Thread.ofPlatform().name("gpu-lost").start(exit));
        out.println("ready in " + ProcessAge.millis() + " ms"
                + agent.httpAddress().map(a -> ", HTTP " + Ports.text(a)).orElse("")
                + agent.grpcAddress().map(a -> ", gRPC " + Ports.text(a)).orElse("")
                + agent.metricsAddress().map(a -> ", metrics " + Ports.text(a)).orElse(""));
        new IdleMemory().watch();
    }
}
