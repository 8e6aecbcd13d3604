package io.shusuan.agent.scheduling;

import io.shusuan.agent.config.ModelInterface;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.metrics.ModelStatistics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntFunction;

/** The threads of one model version's instances, from the start until the last has ended. */
final class InstanceThreads {
    private final List<InstanceThread> threads = new ArrayList<>();

    private InstanceThreads() {}

    /**
     * Takes the instances over.
     *
     * @param sources where each instance gets its work, by its number
     */
    static InstanceThreads start(
            ModelConfig config,
            ModelInterface model,
            ModelInstances made,
            IntFunction<BatchSource> sources,
            ModelStatistics statistics,
            SchedulerSettings settings) {
        var started = new InstanceThreads();
        var working = new AtomicInteger(made.instances().size());
        var assembly = Assembly.of(config, made.initialStates());
        for (int i = 0; i < made.instances().size(); i++) {
            var name = model.model() + ":" + made.version() + "#" + i;
            var instance = made.instances().get(i);
            var execution = new Execution(
                    name, made.version(), model.decoupled(), assembly, instance, statistics, settings.clock());
            boolean limited = !made.claims().isEmpty();
            // what is limited is given back between batches
            var thread = new InstanceThread(
                    name,
                    sources.apply(i),
                    instance,
                    limited ? limited(made.claims().get(i), execution) : execution::begin,
                    limited ? 1 : instance.inHand(),
                    working);
            started.threads.add(thread);
            thread.start();
        }
        return started;
    }

    private static Function<Batch, Execution.Underway> limited(RateLimiter.Claim claim, Execution execution) {
        return batch -> {
            try {
                claim.run(() -> execution.begin(batch).finish());
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                batch.fail(ServingException.unavailable("the instance is being stopped"));
            }
            return Execution.ANSWERED;
        };
    }

    /** Waits until every thread has ended and closed its instance; false when the time was not enough. */
    boolean join(Duration deadline) throws InterruptedException {
        long end = System.nanoTime() + deadline.toNanos();
        for (var thread : threads) {
            long left = end - System.nanoTime();
            if (!thread.join(Duration.ofNanos(Math.max(1, left)))) {
                return false;
            }
        }
        return true;
    }
}
