package io.shusuan.agent.scheduling;

import io.shusuan.agent.backend.InputMemory;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.CorrelationId;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.RequestParameters;
import io.shusuan.agent.inference.SequenceStep;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.metrics.Departure;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes of one request what its model is called with, for whoever calls an instance without a queue before it. */
public final class Preparation {
    private static final SequenceStep WHOLE = new SequenceStep(new CorrelationId.Numeric(1), true, true);

    private final Assembly assembly;
    private final boolean sequences;

    private Preparation(Assembly assembly, boolean sequences) {
        this.assembly = assembly;
        this.sequences = sequences;
    }

    public static Preparation of(ModelConfig config, Map<String, byte[]> initialStates) {
        return new Preparation(Assembly.of(config, initialStates), config.hasSequenceBatching());
    }

    /** What the request must ask for: where a model serves sequences, each sample is a whole one. */
    public RequestParameters parameters() {
        return sequences ? new RequestParameters(Optional.of(WHOLE), 0, 0, Map.of()) : RequestParameters.NONE;
    }

    /** The prepared request is the caller's, and the given one stays so. */
    public InferenceRequest prepared(InferenceRequest request, long batchSize) {
        var alone = new Waiting(request, Unheard.INSTANCE, batchSize, 0, 0, 0);
        return assembly.gather(
                new Batch(
                        List.of(alone),
                        Departure.SINGLE,
                        sequences ? List.of(new Sequence(WHOLE.id(), false)) : List.of()),
                InputMemory.ANY);
    }

    private enum Unheard implements Completion {
        INSTANCE;

        @Override
        public void completed(InferenceResponse response) {
            response.close();
        }

        @Override
        public void failed(ServingException failure) {
            // the caller of the instance sees it thrown
        }
    }
}
