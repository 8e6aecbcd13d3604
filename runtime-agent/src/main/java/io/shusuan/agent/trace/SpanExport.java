package io.shusuan.agent.trace;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.shusuan.agent.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * OpenTelemetry spans, with the names Triton gives them: {@code InferRequest} around the whole, one named like the model, and
 * {@code compute}. The SDK's own queue lies between this and the collector, and drops what does not fit.
 */
final class SpanExport implements TraceSink {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final SdkTracerProvider provider;
    private final Tracer tracer;

    SpanExport(TraceOptions.Export export) {
        var attributes = Attributes.builder()
                .put("service.name", "triton-inference-server")
                .put("service.version", Version.current());
        export.resource().forEach(attributes::put);
        this.provider = SdkTracerProvider.builder()
                .setResource(Resource.getDefault().merge(Resource.create(attributes.build())))
                .addSpanProcessor(BatchSpanProcessor.builder(OtlpHttpSpanExporter.builder()
                                .setEndpoint(export.url())
                                .setTimeout(TIMEOUT)
                                .build())
                        .setMaxQueueSize(export.queueSize())
                        .setMaxExportBatchSize(export.batchSize())
                        .setScheduleDelay(export.delay())
                        .build())
                .build();
        this.tracer = provider.get("triton-server");
    }

    @Override
    public void write(List<Trace> traces) {
        // the trace's moments have no date, spans need one
        var now = Instant.now();
        long epoch = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - System.nanoTime();
        traces.forEach(trace -> write(trace, epoch));
    }

    private void write(Trace trace, long epoch) {
        var root = start("InferRequest", parent(trace.parent()), trace.received(), epoch);
        add(root, trace.connectionMoments(), epoch);
        var model = trace.model();
        if (model != null) {
            model(model, Context.root().with(root), epoch);
            fail(root, model);
        }
        end(root, trace.ended(), epoch);
    }

    private void model(ModelTrace model, Context parent, long epoch) {
        var request = model.request();
        var span = start(request.model(), parent, model.begin(), epoch);
        span.setAttribute("triton.model_name", request.model());
        span.setAttribute("triton.model_version", model.version());
        span.setAttribute("triton.trace_id", model.id());
        span.setAttribute("triton.trace_parent_id", model.parent());
        if (!request.id().isEmpty()) {
            span.setAttribute("triton.request_id", request.id());
        }
        add(span, model.moments(), epoch);
        var steps = model.steps();
        if (steps.isEmpty()) {
            compute(model, parent.with(span), epoch);
        }
        steps.forEach(step -> model(step, parent.with(span), epoch));
        fail(span, model);
        end(span, model.end(), epoch);
    }

    private void compute(ModelTrace model, Context parent, long epoch) {
        var timing = model.request().timing();
        if (!timing.wasComputed()) {
            return;
        }
        var compute = start("compute", parent, timing.computeStart(), epoch);
        var run = model.request().run();
        if (run != null) {
            compute.setAttribute("shusuan.instance", run.instance());
            compute.setAttribute("shusuan.batch_size", run.size());
        }
        add(compute, model.computeMoments(), epoch);
        end(compute, timing.computeEnd(), epoch);
    }

    private static void fail(Span span, ModelTrace model) {
        var failure = model.failure();
        if (failure != null) {
            span.setStatus(StatusCode.ERROR, failure.text());
        }
    }

    private static Context parent(@Nullable TraceParent parent) {
        if (parent == null) {
            return Context.root();
        }
        return Context.root()
                .with(Span.wrap(SpanContext.createFromRemoteParent(
                        parent.traceId(), parent.spanId(), TraceFlags.getSampled(), TraceState.getDefault())));
    }

    private Span start(String name, Context parent, long nanos, long epoch) {
        return tracer.spanBuilder(name)
                .setSpanKind(SpanKind.SERVER)
                .setParent(parent)
                .setStartTimestamp(nanos + epoch, TimeUnit.NANOSECONDS)
                .startSpan();
    }

    private static void add(Span span, List<Moment> moments, long epoch) {
        moments.forEach(moment -> span.addEvent(moment.name(), moment.nanos() + epoch, TimeUnit.NANOSECONDS));
    }

    private static void end(Span span, long nanos, long epoch) {
        span.end(nanos + epoch, TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        var _ = provider.shutdown().join(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }
}
