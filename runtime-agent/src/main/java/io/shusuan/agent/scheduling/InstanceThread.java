package io.shusuan.agent.scheduling;

import io.shusuan.agent.backend.BackendInstance;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;

/**
 * Takes batches and runs them on its instance, which it closes at the end. Where the instance can have more than one in hand, the next is
 * begun before the one before is waited for; batches are finished in the order in which they were begun.
 */
final class InstanceThread extends Thread {
    private static final Logger log = System.getLogger(InstanceThread.class.getName());

    private final BatchSource source;
    private final BackendInstance instance;
    private final Function<Batch, Execution.Underway> execution;
    private final int most;

    /** @param most how many batches it may have in hand */
    InstanceThread(
            String name,
            BatchSource source,
            BackendInstance instance,
            Function<Batch, Execution.Underway> execution,
            int most) {
        super(name);
        this.source = source;
        this.instance = instance;
        this.execution = execution;
        this.most = most;
        setDaemon(true);
    }

    @Override
    public void run() {
        var inHand = new ArrayDeque<Execution.Underway>(most);
        try (instance) {
            for (var taken = source.take(); taken.batch() != null; taken = next(inHand)) {
                taken.late().forEach(Deadlines::refuse);
                if (!taken.batch().isEmpty()) {
                    inHand.addLast(execution.apply(taken.batch()));
                    finish(inHand, most - 1);
                } else {
                    // nothing may leave the queue yet
                    finish(inHand, inHand.size() - 1);
                }
            }
        } catch (InterruptedException stopped) {
            log.log(Level.WARNING, "instance {0} was interrupted while it waited", getName());
        }
    }

    /** It waits for work only with empty hands. */
    private BatchSource.Taken next(Deque<Execution.Underway> inHand) throws InterruptedException {
        return inHand.isEmpty() ? source.take() : source.takeAhead();
    }

    /** Answers the oldest until so many are left. */
    private static void finish(Deque<Execution.Underway> inHand, int left) {
        while (inHand.size() > Math.max(0, left)) {
            inHand.removeFirst().finish();
        }
    }
}
