import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Callers that send all the time and count what fails, until they are closed. */
final class Callers implements AutoCloseable {
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong answered = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean ended;

    Callers(ServedAgent agent, Tensors tensors, int count) {
        for (int i = 0; i < count; i++) {
            int batch = 1 + i % 2;
            threads.add(Thread.ofPlatform().start(() -> {
                while (!ended) {
                    call(agent, tensors, batch);
                }
            }));
        }
    }

    private void call(ServedAgent agent, Tensors tensors, int batch) {
        try {
            var answer = agent.infer(tensors, batch);
            if (answer.statusCode() == 200) {
                answered.incrementAndGet();
            } else {
                failures.add(answer.statusCode() + " " + new String(answer.body()));
            }
        } catch (Exception failed) {
            failures.add(failed.toString());
        }
    }

    /** Lets them send some more, so that what was done lately is seen in their requests. */
    void awaitMore(int requests) throws InterruptedException {
        long wanted = answered.get() + failures.size() + requests;
        while (answered.get() + failures.size() < wanted) {
            Thread.sleep(5);
        }
    }

    void tell(Outcome outcome, String during) {
        outcome.see(answered + " requests were answered during " + during);
        outcome.atMost("failed requests during " + during, failures.size(), "", 0);
        if (!failures.isEmpty()) {
            outcome.fail(failures.size() + " requests failed during " + during + ", the first with " + failures.peek());
        }
        if (answered.get() == 0) {
            outcome.fail("nobody was answered during " + during);
        }
    }

    @Override
    public void close() throws InterruptedException {
        ended = true;
        for (var thread : threads) {
            thread.join();
        }
    }
}
