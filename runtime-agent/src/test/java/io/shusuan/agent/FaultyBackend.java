package io.shusuan.agent;

import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.BuiltInBackend;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Tensor;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** An engine that does what engines do on a bad day, as the first number of its input says. */
final class FaultyBackend extends BuiltInBackend {
    static final int THROWS = 1;
    static final int OVERFLOWS = 2;
    static final int EXHAUSTS = 3;
    static final int HANGS = 4;

    private final CountDownLatch hanging = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    void awaitHanging() throws InterruptedException {
        hanging.await();
    }

    void release() {
        released.countDown();
    }

    FaultyBackend() {
        super("faulty");
    }

    @Override
    public BackendModel open(ModelSource source) {
        return new BackendModel() {

            @Override
            public String description() {
                return "faults on demand";
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
            var input = request.inputs().getFirst();
            switch ((int) input.data().getFloatLE(input.data().readerIndex())) {
                case THROWS -> throw new IllegalStateException("a fault of the engine");
                case OVERFLOWS -> throw new StackOverflowError("too deep");
                case EXHAUSTS -> throw new OutOfMemoryError("no memory in the engine");
                case HANGS -> hang();
                default -> {}
            }
            return List.of(new Tensor(
                    "OUTPUT0", input.type(), input.shape(), input.data().retainedSlice()));
        }

        private void hang() {
            hanging.countDown();
            try {
                released.await();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void close() {}
    }
}
