import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Verifies the agent on a machine with an NVIDIA GPU: {@code Verify FOLDER AGENT JAVA full|rehearsal [--only STEP,…] [--report FOLDER]}. FOLDER is
 * the prepared one. Steps that passed before in the same folder are not run again, so that a run that was cut off goes on. Ends with 1 when a
 * step failed; a figure that was missed fails nothing, the report says so.
 */
final class Verify {
    private interface Body {
        void run(Setting setting, Outcome outcome) throws Exception;
    }

    private record Step(String name, Body body) {}

    private static final List<Step> STEPS = List.of(
            new Step("machine", Machine::look),
            new Step("convert", Engines::convert),
            new Step("build", Engines::build),
            new Step("serve", Serving::serve),
            new Step("contract", Contract::hold),
            new Step("measure", Serving::measure),
            new Step("pytorch", Torch::compare),
            new Step("serve-while-building", Swaps::whileBuilding),
            new Step("swap", Swaps::swap),
            new Step("killed-build", Faults::killedBuild),
            new Step("wrong-models", Faults::wrongModels),
            new Step("wrong-plans", Faults::wrongPlans),
            new Step("plugins", Devices::plugins),
            new Step("weight-streaming", Devices::weightStreaming),
            new Step("cuda-shared-memory", Devices::sharedMemory),
            new Step("node", Node::tell));

    public static void main(String[] arguments) throws IOException {
        var setting = new Setting(Path.of(arguments[0]).toAbsolutePath(), arguments[1], arguments[2], arguments[3].equals("rehearsal"));
        var only = option(arguments, "--only", "");
        var outcomes = new ArrayList<Outcome>();
        for (var step : STEPS) {
            boolean wanted = only.isEmpty() || Arrays.asList(only.split(",")).contains(step.name());
            var kept = Outcome.kept(setting, step.name());
            if (kept.isPresent() && kept.get().passed() && only.isEmpty()) {
                System.err.println("== " + step.name() + ": passed before");
                outcomes.add(kept.get());
            } else if (wanted) {
                outcomes.add(run(setting, step));
                if (step.equals(STEPS.getFirst()) && !outcomes.getFirst().passed()) {
                    break; // nothing of what follows can be had
                }
            } else {
                kept.ifPresent(outcomes::add);
            }
        }
        var report = new Report(setting, outcomes, STEPS.stream().map(Step::name).toList());
        report.write(Path.of(option(arguments, "--report", setting.folder().resolve("report").toString())));
        System.exit(report.failed() ? 1 : 0);
    }

    private static String option(String[] arguments, String name, String unset) {
        int at = Arrays.asList(arguments).indexOf(name);
        return at < 0 || at + 1 == arguments.length ? unset : arguments[at + 1];
    }

    private static Outcome run(Setting setting, Step step) throws IOException {
        System.err.println("== " + step.name());
        var outcome = new Outcome(step.name());
        long begin = System.nanoTime();
        try {
            step.body().run(setting, outcome);
        } catch (Exception failed) {
            outcome.fail(failed.getMessage() == null ? failed.toString() : failed.getMessage());
        }
        outcome.took((System.nanoTime() - begin) / 1e9);
        outcome.keep(setting);
        System.err.println("== " + step.name() + ": " + outcome.state());
        return outcome;
    }
}
