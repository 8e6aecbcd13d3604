package io.shusuan.agent;

import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Tensor;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** An engine that does what engines do on a bad day, as the first number of its input says. */
final class FaultyBackend extends TestBackend {
    static final int THROWS = 1;
    static final int OVERFLOWS = 2;
    static final int EXHAUSTS = 3;
    static final int HANGS = 4;
    static final int LACKS = 5;

    /** A model of this name is refused as an engine should not refuse one. */
    static final String UNLOADABLE = "unloadable";

    /** The loading of one of this name hangs. */
    static final String UNENDING = "unending";

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
    public BackendModel open(ModelSource source) throws LoadException {
        if (source.model().equals(UNLOADABLE)) {
            throw new UnsatisfiedLinkError("a library of the engine is not there");
        }
        if (source.model().equals(UNENDING)) {
            hang();
        }
        return super.open(source);
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
    List<Tensor> run(InferenceRequest request) {
        var input = request.inputs().getFirst();
        switch ((int) input.data().getFloatLE(input.data().readerIndex())) {
            case THROWS -> throw new IllegalStateException("a fault of the engine");
            case OVERFLOWS -> throw new StackOverflowError("too deep");
            case EXHAUSTS -> throw new OutOfMemoryError("no memory in the engine");
            case HANGS -> hang();
            case LACKS -> throw new NoClassDefFoundError("a part of the engine is not there");
            default -> {}
        }
        return List.of(
                new Tensor("OUTPUT0", input.type(), input.shape(), input.data().retainedSlice()));
    }
}
