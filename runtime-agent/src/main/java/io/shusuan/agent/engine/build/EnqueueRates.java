package io.shusuan.agent.engine.build;

import java.io.StringWriter;
import java.util.Locale;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * What a plan reached by itself.
 *
 * @param enqueued samples per second where the inputs lie on the GPU already and the outputs stay there
 * @param enqueuedP50Micros the median time of such a run, when each is waited for
 * @param copied samples per second with the ways there and back, each run waited for
 * @param copiedP50Micros the median time of such a run
 */
public record EnqueueRates(
        int batch, int streams, double enqueued, double enqueuedP50Micros, double copied, double copiedP50Micros) {
    public String text() {
        return String.format(
                Locale.ROOT,
                "batches of %d on %d streams%nenqueued  %.1f samples per second, %.1f \u00b5s for a run that is waited for (median)%ncopied    %.1f samples per second, %.1f \u00b5s for a run (median)%n",
                batch,
                streams,
                enqueued,
                enqueuedP50Micros,
                copied,
                copiedP50Micros);
    }

    public String json() {
        var text = new StringWriter();
        try (var json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeNumberProperty("batch", batch);
            json.writeNumberProperty("streams", streams);
            json.writeNumberProperty("enqueuedPerSecond", enqueued);
            json.writeNumberProperty("enqueuedP50Micros", enqueuedP50Micros);
            json.writeNumberProperty("copiedPerSecond", copied);
            json.writeNumberProperty("copiedP50Micros", copiedP50Micros);
            json.writeEndObject();
        }
        return text.toString();
    }
}
