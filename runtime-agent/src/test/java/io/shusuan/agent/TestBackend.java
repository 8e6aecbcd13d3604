package io.shusuan.agent;

import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.BuiltInBackend;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Tensor;
import java.util.List;

/** An engine of a test's own, all of whose models do the same. */
abstract class TestBackend extends BuiltInBackend {
    TestBackend(String name) {
        super(name);
    }

    abstract List<Tensor> run(InferenceRequest request);

    @Override
    public BackendModel open(ModelSource source) throws LoadException {
        return new BackendModel() {
            @Override
            public String description() {
                return "for tests";
            }

            @Override
            public BackendInstance instance(int ordinal) {
                return new Instance();
            }

            @Override
            public void close() {}
        };
    }

    private final class Instance implements BackendInstance {
        @Override
        public List<Tensor> run(InferenceRequest request) {
            return TestBackend.this.run(request);
        }

        @Override
        public void close() {}
    }
}
