package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.RunningAgent;
import java.nio.file.Path;

/** An agent as a process of its own, to be killed: it says its port, and serves. */
final class HostAgent {
    private HostAgent() {}

    @SuppressWarnings("SystemOut") // how it talks to the test
    public static void main(String[] arguments) throws Exception {
        var folder = Path.of(arguments[0]);
        var agent = RunningAgent.serving(
                new ModelRepository(folder.resolve("models")),
                ServeWhileBuildingTest.backend(folder, new HostEngine()));
        System.out.println(agent.http().getPort());
        Thread.currentThread().join();
    }
}
