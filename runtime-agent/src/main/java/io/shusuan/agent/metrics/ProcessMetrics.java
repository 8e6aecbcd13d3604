package io.shusuan.agent.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.shusuan.agent.inference.CopiedBytes;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Memory, threads, garbage collection and processor time of this process. Made at the first scrape, so that a start does not wait. */
public final class ProcessMetrics implements Supplier<String>, AutoCloseable {
    private @Nullable PrometheusMeterRegistry registry;
    private @Nullable JvmGcMetrics collections;

    @Override
    public synchronized String get() {
        var ready = registry;
        if (ready == null) {
            ready = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
            new JvmMemoryMetrics().bindTo(ready);
            new JvmThreadMetrics().bindTo(ready);
            new ProcessorMetrics().bindTo(ready);
            new UptimeMetrics().bindTo(ready);
            FunctionCounter.builder("shusuan.tensor.copied", ready, _ -> CopiedBytes.total())
                    .baseUnit("bytes")
                    .description("bytes of tensors copied between buffers of this process")
                    .register(ready);
            var watching = new JvmGcMetrics();
            watching.bindTo(ready);
            collections = watching;
            registry = ready;
        }
        return ready.scrape();
    }

    @Override
    public synchronized void close() {
        var watching = collections;
        if (watching != null) {
            watching.close();
        }
        var ready = registry;
        if (ready != null) {
            ready.close();
        }
    }
}
