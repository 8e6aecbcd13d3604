package io.shusuan.agent.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.shusuan.agent.config.proto.BatchInput;
import io.shusuan.agent.config.proto.BatchInput.Kind;
import io.shusuan.agent.config.proto.DataType;
import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.RequestParameters;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.inference.Timing;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The examples of the configuration's own documentation. */
class BatchInputTensorTest {
    /** A request of two items [3, 1] and one of a single [2, 2]. */
    private static final List<Waiting> MEMBERS = List.of(waiting(2, 3, 1), waiting(1, 2, 2));

    private static Waiting waiting(long... shape) {
        var data = new Tensor("X", io.shusuan.agent.inference.DataType.INT32, Shape.of(shape), Unpooled.EMPTY_BUFFER);
        var request = new InferenceRequest(
                "m", 1, "", List.of(data), List.of(), RequestParameters.NONE, Timing.startingNow());
        return new Waiting(request, new Unheard(), shape[0], 0, 0, 0);
    }

    private static final class Unheard implements Completion {
        @Override
        public void completed(InferenceResponse response) {
            response.close();
        }

        @Override
        public void failed(ServingException failure) {
            throw failure;
        }
    }

    private static void makes(Kind kind, Shape shape, int... values) {
        for (var type : List.of(DataType.TYPE_INT32, DataType.TYPE_FP32)) {
            var made = BatchInputTensor.of(BatchInput.newBuilder()
                            .setKind(kind)
                            .addTargetName("N")
                            .setDataType(type)
                            .addSourceInput("X")
                            .build())
                    .getFirst()
                    .of(MEMBERS);
            assertThat(made.name()).isEqualTo("N");
            assertThat(made.shape()).isEqualTo(shape);
            for (int value : values) {
                assertThat(
                                type == DataType.TYPE_INT32
                                        ? made.data().readIntLE()
                                        : (int) made.data().readFloatLE())
                        .isEqualTo(value);
            }
            assertThat(made.data().isReadable()).isFalse();
            made.release();
        }
    }

    @Test
    void countsElementsOfEachRequest() {
        makes(Kind.BATCH_ELEMENT_COUNT, Shape.of(2), 6, 4);
        makes(Kind.BATCH_ACCUMULATED_ELEMENT_COUNT, Shape.of(2), 6, 10);
        makes(Kind.BATCH_ACCUMULATED_ELEMENT_COUNT_WITH_ZERO, Shape.of(3), 0, 6, 10);
    }

    @Test
    void hasTheSizeOfTheLargestRequest() {
        makes(Kind.BATCH_MAX_ELEMENT_COUNT_AS_SHAPE, Shape.of(6), 0, 0, 0, 0, 0, 0);
    }

    @Test
    void namesTheShapeOfEachItem() {
        makes(Kind.BATCH_ITEM_SHAPE, Shape.of(3, 2), 3, 1, 3, 1, 2, 2);
        makes(Kind.BATCH_ITEM_SHAPE_FLATTEN, Shape.of(6), 3, 1, 3, 1, 2, 2);
    }
}
