package io.shusuan.agent;

import io.shusuan.agent.backend.Backend;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The agent's command as a process, from its flags to its exit code, with engines of a test. */
public final class ServingProcess {
    private ServingProcess() {}

    @SuppressWarnings("SystemOut") // what a command prints
    public static void serve(Path repository, List<Backend> more, String... flags)
            throws UsageException, StartException, InterruptedException {
        var backends = new ArrayList<>(more);
        Agent.backends().stream()
                .filter(each -> more.stream().noneMatch(mine -> mine.name().equals(each.name())))
                .forEach(backends::add);
        Main.serve(Agent.start(RunningAgent.options(new ModelRepository(repository), flags), backends), System.out);
    }
}
