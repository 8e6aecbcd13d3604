package io.shusuan.agent.repository;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.Responses;
import io.shusuan.agent.config.ModelInterface;
import io.shusuan.agent.config.proto.ModelWarmup;
import io.shusuan.agent.inference.ByteStrings;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.ShapeTensor;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.inference.Timing;
import io.shusuan.agent.scheduling.Preparation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Runs the samples of a configuration on every instance before a version answers anybody, so that no caller pays for the first run. */
record Warmup(ModelInterface model, Path folder, List<ModelWarmup> samples, Preparation preparation) {
    private static final int MAX_BYTES = 1 << 30;

    /** What a sample is answered with; a model that asks for another step has been warmed up by the first. */
    private enum Unheard implements Responses {
        INSTANCE;

        @Override
        public void send(List<Tensor> outputs) {
            outputs.forEach(Tensor::release);
        }

        @Override
        public void again() {}
    }

    void run(List<BackendInstance> instances) throws LoadException {
        for (var sample : samples) {
            for (var instance : instances) {
                for (int i = 0; i < Math.max(1, sample.getCount()); i++) {
                    run(sample, instance);
                }
            }
        }
    }

    private void run(ModelWarmup sample, BackendInstance instance) throws LoadException {
        try (var request = request(sample)) {
            model.check(request);
            try (var prepared = preparation.prepared(request, model.batchSize(request))) {
                if (model.decoupled()) {
                    instance.stream(prepared, Unheard.INSTANCE);
                } else {
                    instance.run(prepared).forEach(Tensor::release);
                }
            }
        } catch (ServingException failed) {
            throw new LoadException(
                    "the warm-up sample '" + sample.getName() + "' of '" + model.model() + "' failed: " + failed.text(),
                    failed);
        }
    }

    private InferenceRequest request(ModelWarmup sample) throws LoadException {
        var inputs = new ArrayList<Tensor>();
        boolean done = false;
        try {
            for (var each : sample.getInputsMap().entrySet()) {
                inputs.add(input(sample, each.getKey(), each.getValue()));
            }
            done = true;
        } finally {
            if (!done) {
                inputs.forEach(Tensor::release);
            }
        }
        return new InferenceRequest(
                model.model(), 0, sample.getName(), inputs, List.of(), preparation.parameters(), Timing.startingNow());
    }

    private Tensor input(ModelWarmup sample, String name, ModelWarmup.Input input) throws LoadException {
        var type = DataType.named(input.getDataType().name())
                .orElseThrow(() -> new LoadException("the warm-up sample '" + sample.getName() + "' of '"
                        + model.model() + "' gives input '" + name + "' no data_type"));
        var one = Shape.of(input.getDimsList());
        int batch = Math.max(1, sample.getBatchSize());
        boolean ofSizes = model.inputs().stream()
                .anyMatch(port -> port.shapeTensor() && port.name().equals(name));
        var shape = one;
        if (model.maxBatchSize() > 0) {
            shape = ShapeTensor.batched(one, ofSizes, batch);
        }
        long elements = shape.elementCount();
        if (Tensor.byteSize(type, shape) > MAX_BYTES || elements > MAX_BYTES) {
            throw new LoadException("the warm-up sample '" + sample.getName() + "' of '" + model.model()
                    + "' is larger than 1 GiB in input '" + name + "'");
        }
        var tensor = new Tensor(
                name,
                type,
                shape,
                switch (input.getInputDataTypeCase()) {
                    case RANDOM_DATA -> random(type, elements);
                    case INPUT_DATA_FILE -> file(sample, input.getInputDataFile());
                    case ZERO_DATA, INPUTDATATYPE_NOT_SET -> zero(type, elements);
                });
        if (ofSizes && model.maxBatchSize() > 0 && tensor.data().readableBytes() >= type.size()) {
            ShapeTensor.setBatch(tensor, batch);
        }
        return tensor;
    }

    private static ByteBuf zero(DataType type, long elements) {
        int bytes = (int) elements * (type.isFixedSize() ? type.size() : 4);
        return ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, bytes)).writeZero(bytes);
    }

    /** Small whole numbers: they mean something in every type, and a model that looks a row up by them finds one. */
    private static ByteBuf random(DataType type, long elements) {
        var random = new SplittableRandom(elements);
        var data = ByteBufAllocator.DEFAULT.directBuffer();
        for (long i = 0; i < elements; i++) {
            int value = random.nextInt(2);
            switch (type) {
                case FP32 -> data.writeFloatLE((float) random.nextDouble());
                case FP64 -> data.writeDoubleLE(random.nextDouble());
                case BYTES -> ByteStrings.append(data, new byte[] {(byte) ('0' + value)});
                case BOOL, UINT8, INT8 -> data.writeByte(value);
                case UINT16, INT16, FP16, BF16 -> data.writeShortLE(value);
                case UINT32, INT32 -> data.writeIntLE(value);
                case UINT64, INT64 -> data.writeLongLE(value);
            }
        }
        return data;
    }

    private ByteBuf file(ModelWarmup sample, String name) throws LoadException {
        var warmup = folder.resolve("warmup").normalize();
        var file = warmup.resolve(name).normalize();
        if (!file.startsWith(warmup)) {
            throw new LoadException("input_data_file '" + name + "' of the warm-up sample '" + sample.getName()
                    + "' leaves the folder warmup of '" + model.model() + "'");
        }
        try {
            byte[] bytes = Files.readAllBytes(file);
            return ByteBufAllocator.DEFAULT
                    .directBuffer(Math.max(1, bytes.length))
                    .writeBytes(bytes);
        } catch (IOException unreadable) {
            throw new LoadException(
                    "input_data_file '" + name + "' of the warm-up sample '" + sample.getName() + "' cannot be read: "
                            + unreadable,
                    unreadable);
        }
    }
}
