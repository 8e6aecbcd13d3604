package io.shusuan.agent.repository;

import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.scheduling.ensemble.Members;

/** The models of this server as ensembles call them. */
record ModelCalls(Models models) implements Members {
    @Override
    public void infer(String namespace, InferenceRequest request, Completion completion) {
        models.infer(new ModelId(namespace, request.model()), request, completion);
    }

    @Override
    public boolean isDecoupled(String namespace, String model, long version) {
        try {
            return models.find(new ModelId(namespace, model), version).tensors().decoupled();
        } catch (ServingException notThere) {
            // which the call itself will say
            return false;
        }
    }
}
