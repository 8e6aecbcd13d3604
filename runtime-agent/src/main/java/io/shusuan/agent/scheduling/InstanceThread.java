package io.shusuan.agent.scheduling;

import io.shusuan.agent.backend.BackendInstance;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Takes batches one after the other and runs them on its instance, which it closes at the end. */
final class InstanceThread extends Thread {
    private static final Logger log = System.getLogger(InstanceThread.class.getName());

    private final RequestQueue queue;
    private final BackendInstance instance;
    private final Execution execution;

    InstanceThread(String name, RequestQueue queue, BackendInstance instance, Execution execution) {
        super(name);
        this.queue = queue;
        this.instance = instance;
        this.execution = execution;
        setDaemon(true);
    }

    @Override
    public void run() {
        try (instance) {
            for (var taken = queue.take(); taken.batch() != null; taken = queue.take()) {
                taken.late().forEach(Deadlines::refuse);
                if (!taken.batch().isEmpty()) {
                    execution.run(taken.batch());
                }
            }
        } catch (InterruptedException stopped) {
            log.log(Level.WARNING, "instance {0} was interrupted while it waited", getName());
        }
    }
}
