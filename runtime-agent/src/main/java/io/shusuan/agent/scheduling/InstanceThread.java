package io.shusuan.agent.scheduling;

import io.shusuan.agent.backend.BackendInstance;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Consumer;

/** Takes batches one after the other and runs them on its instance, which it closes at the end. */
final class InstanceThread extends Thread {
    private static final Logger log = System.getLogger(InstanceThread.class.getName());

    private final BatchSource source;
    private final BackendInstance instance;
    private final Consumer<Batch> execution;

    InstanceThread(String name, BatchSource source, BackendInstance instance, Consumer<Batch> execution) {
        super(name);
        this.source = source;
        this.instance = instance;
        this.execution = execution;
        setDaemon(true);
    }

    @Override
    public void run() {
        try (instance) {
            for (var taken = source.take(); taken.batch() != null; taken = source.take()) {
                taken.late().forEach(Deadlines::refuse);
                if (!taken.batch().isEmpty()) {
                    execution.accept(taken.batch());
                }
            }
        } catch (InterruptedException stopped) {
            log.log(Level.WARNING, "instance {0} was interrupted while it waited", getName());
        }
    }
}
