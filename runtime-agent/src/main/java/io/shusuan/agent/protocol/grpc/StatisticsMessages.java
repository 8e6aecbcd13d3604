package io.shusuan.agent.protocol.grpc;

import io.shusuan.agent.metrics.ModelStatistics.Total;
import io.shusuan.agent.protocol.grpc.proto.InferBatchStatistics;
import io.shusuan.agent.protocol.grpc.proto.InferResponseStatistics;
import io.shusuan.agent.protocol.grpc.proto.InferStatistics;
import io.shusuan.agent.protocol.grpc.proto.MemoryUsage;
import io.shusuan.agent.protocol.grpc.proto.ModelStatistics;
import io.shusuan.agent.protocol.grpc.proto.StatisticDuration;
import io.shusuan.agent.repository.ServedModel;

/** A model's statistics as a message. */
final class StatisticsMessages {
    private StatisticsMessages() {}

    static ModelStatistics of(ServedModel model) {
        var stats = model.statistics().snapshot();
        var message = ModelStatistics.newBuilder()
                .setName(model.name())
                .setVersion(Long.toString(model.version()))
                .setLastInference(stats.lastInferenceMillis())
                .setInferenceCount(stats.inferences())
                .setExecutionCount(stats.executions())
                .setInferenceStats(InferStatistics.newBuilder()
                        .setSuccess(of(stats.success()))
                        .setFail(of(stats.failure()))
                        .setQueue(of(stats.queue()))
                        .setComputeInput(of(stats.computeInput()))
                        .setComputeInfer(of(stats.computeInfer()))
                        .setComputeOutput(of(stats.computeOutput()))
                        .setCacheHit(of(stats.cacheHit()))
                        .setCacheMiss(of(stats.cacheMiss())));
        stats.batches()
                .forEach((size, totals) -> message.addBatchStats(InferBatchStatistics.newBuilder()
                        .setBatchSize(size)
                        .setComputeInput(of(totals.computeInput()))
                        .setComputeInfer(of(totals.computeInfer()))
                        .setComputeOutput(of(totals.computeOutput()))));
        model.statistics()
                .responses()
                .snapshot()
                .forEach((index, place) -> message.putResponseStats(
                        index.toString(),
                        InferResponseStatistics.newBuilder()
                                .setComputeInfer(of(place.computeInfer()))
                                .setComputeOutput(of(place.computeOutput()))
                                .setSuccess(of(place.success()))
                                .setFail(of(place.fail()))
                                .setEmptyResponse(StatisticDuration.getDefaultInstance())
                                .setCancel(of(place.cancel()))
                                .build()));
        for (var memory : model.gpuMemory()) {
            message.addMemoryUsage(
                    MemoryUsage.newBuilder().setType("GPU").setId(memory.gpu()).setByteSize(memory.bytes()));
        }
        return message.build();
    }

    private static StatisticDuration of(Total total) {
        return StatisticDuration.newBuilder()
                .setCount(total.count())
                .setNs(total.nanos())
                .build();
    }
}
