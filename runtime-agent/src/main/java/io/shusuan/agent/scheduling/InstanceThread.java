package io.shusuan.agent.scheduling;

import io.shusuan.agent.backend.BackendInstance;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
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
    private final AtomicInteger working;

    /**
     * @param most how many batches it may have in hand
     * @param working how many instances of its model take work
     */
    InstanceThread(
            String name,
            BatchSource source,
            BackendInstance instance,
            Function<Batch, Execution.Underway> execution,
            int most,
            AtomicInteger working) {
        super(name);
        this.source = source;
        this.instance = instance;
        this.execution = execution;
        this.most = most;
        this.working = working;
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
                if (instance.isLost() && mayLeave()) {
                    finish(inHand, 0);
                    log.log(Level.WARNING, "instance {0} has ended, others of its model go on", getName());
                    return;
                }
            }
        } catch (InterruptedException stopped) {
            log.log(Level.WARNING, "instance {0} was interrupted while it waited", getName());
        }
    }

    /** One that only fails would be the fastest to take what others could answer; the last one stays, so that requests hear why. */
    private boolean mayLeave() {
        for (int count = working.get(); source.isShared() && count > 1; count = working.get()) {
            if (working.compareAndSet(count, count - 1)) {
                return true;
            }
        }
        return false;
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
