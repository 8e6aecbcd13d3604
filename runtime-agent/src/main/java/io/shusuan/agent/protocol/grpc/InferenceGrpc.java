package io.shusuan.agent.protocol.grpc;

import io.shusuan.agent.config.ModelInterface.Port;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.log.Log;
import io.shusuan.agent.protocol.ModelVersions;
import io.shusuan.agent.protocol.RepositoryControl;
import io.shusuan.agent.protocol.ServerInfo;
import io.shusuan.agent.protocol.access.Access;
import io.shusuan.agent.protocol.access.Api;
import io.shusuan.agent.protocol.grpc.proto.ModelConfigRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelConfigResponse;
import io.shusuan.agent.protocol.grpc.proto.ModelMetadataRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelMetadataResponse;
import io.shusuan.agent.protocol.grpc.proto.ModelMetadataResponse.TensorMetadata;
import io.shusuan.agent.protocol.grpc.proto.ModelReadyRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelReadyResponse;
import io.shusuan.agent.protocol.grpc.proto.ModelStatisticsRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelStatisticsResponse;
import io.shusuan.agent.protocol.grpc.proto.RepositoryIndexRequest;
import io.shusuan.agent.protocol.grpc.proto.RepositoryIndexResponse;
import io.shusuan.agent.protocol.grpc.proto.RepositoryIndexResponse.ModelIndex;
import io.shusuan.agent.protocol.grpc.proto.RepositoryModelLoadRequest;
import io.shusuan.agent.protocol.grpc.proto.RepositoryModelLoadResponse;
import io.shusuan.agent.protocol.grpc.proto.RepositoryModelUnloadRequest;
import io.shusuan.agent.protocol.grpc.proto.RepositoryModelUnloadResponse;
import io.shusuan.agent.protocol.grpc.proto.ServerLiveRequest;
import io.shusuan.agent.protocol.grpc.proto.ServerLiveResponse;
import io.shusuan.agent.protocol.grpc.proto.ServerMetadataRequest;
import io.shusuan.agent.protocol.grpc.proto.ServerMetadataResponse;
import io.shusuan.agent.protocol.grpc.proto.ServerReadyRequest;
import io.shusuan.agent.protocol.grpc.proto.ServerReadyResponse;
import io.shusuan.agent.protocol.grpc.transport.Route;
import io.shusuan.agent.protocol.sharedmemory.SharedMemory;
import io.shusuan.agent.repository.Models;
import io.shusuan.agent.repository.ServedModel;
import io.shusuan.agent.trace.Tracing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

/** Every call of the inference service, and which part answers it. */
public final class InferenceGrpc {
    static final String SERVICE = "inference.GRPCInferenceService";

    private final String name;
    private final Models models;
    private final RepositoryControl repository;
    private final BooleanSupplier ready;
    private final InferCall infer;
    private final SharedMemory memory;
    private final SettingCalls settings;
    private final CallMetadata metadata;

    public InferenceGrpc(
            String name,
            Models models,
            RepositoryControl repository,
            SharedMemory memory,
            Log log,
            Tracing tracing,
            BooleanSupplier ready,
            Optional<Pattern> forwarded) {
        this.name = name;
        this.models = models;
        this.repository = repository;
        this.ready = ready;
        this.memory = memory;
        this.settings = new SettingCalls(log, tracing, models);
        this.metadata = new CallMetadata(forwarded, tracing);
        this.infer = new InferCall(models, memory, metadata);
    }

    /** What answers, by the path of the method. */
    public Map<String, Route> routes(Access access) {
        var routes = new Routes(SERVICE, access);
        routes.add("ModelInfer", Api.INFERENCE, infer::begin);
        routes.add("ModelStreamInfer", Api.INFERENCE, call -> new StreamInferCall(models, memory, metadata, call));
        routes.answer(
                "ServerLive",
                Api.HEALTH,
                ServerLiveRequest.parser(),
                _ -> ServerLiveResponse.newBuilder().setLive(true).build());
        routes.answer(
                "ServerReady",
                Api.HEALTH,
                ServerReadyRequest.parser(),
                _ -> ServerReadyResponse.newBuilder()
                        .setReady(ready.getAsBoolean())
                        .build());
        routes.answer(
                "ServerMetadata",
                Api.METADATA,
                ServerMetadataRequest.parser(),
                _ -> ServerMetadataResponse.newBuilder()
                        .setName(name)
                        .setVersion(ServerInfo.version())
                        .addAllExtensions(ServerInfo.EXTENSIONS)
                        .build());
        routes.answer(
                "ModelReady",
                Api.HEALTH,
                ModelReadyRequest.parser(),
                asked -> ModelReadyResponse.newBuilder()
                        .setReady(isReady(asked.getName(), asked.getVersion()))
                        .build());
        routes.answer("ModelMetadata", Api.METADATA, ModelMetadataRequest.parser(), this::metadata);
        routes.answer(
                "ModelConfig",
                Api.MODEL_CONFIG,
                ModelConfigRequest.parser(),
                asked -> ModelConfigResponse.newBuilder()
                        .setConfig(find(asked.getName(), asked.getVersion()).config())
                        .build());
        routes.answer("ModelStatistics", Api.STATISTICS, ModelStatisticsRequest.parser(), this::statistics);
        routes.answer("RepositoryIndex", Api.MODEL_REPOSITORY, RepositoryIndexRequest.parser(), this::index);
        routes.answer(
                "RepositoryModelLoad",
                Api.MODEL_REPOSITORY,
                RepositoryModelLoadRequest.parser(),
                this::load,
                repository::begin);
        routes.answer(
                "RepositoryModelUnload",
                Api.MODEL_REPOSITORY,
                RepositoryModelUnloadRequest.parser(),
                this::unload,
                repository::begin);
        new SharedMemoryCalls(memory).addTo(routes);
        settings.addTo(routes);
        return routes.byPath();
    }

    private RepositoryModelUnloadResponse unload(RepositoryModelUnloadRequest asked) {
        boolean dependents = false;
        for (var parameter : asked.getParametersMap().entrySet()) {
            if (!parameter.getKey().equals("unload_dependents")) {
                throw RepositoryControl.unknown(parameter.getKey());
            }
            dependents = parameter.getValue().getBoolParam();
        }
        repository.unload(asked.getModelName(), dependents);
        return RepositoryModelUnloadResponse.getDefaultInstance();
    }

    private ServedModel find(String name, String version) {
        return models.find(name, ModelVersions.parse(version));
    }

    private boolean isReady(String name, String version) {
        try {
            return find(name, version).failure().isEmpty();
        } catch (ServingException notThere) {
            return false;
        }
    }

    private ModelMetadataResponse metadata(ModelMetadataRequest asked) {
        var model = find(asked.getName(), asked.getVersion());
        var platform = model.config().getPlatform();
        var shown = asked.getVersion().isEmpty() ? models.ready(asked.getName()) : List.of(model);
        return ModelMetadataResponse.newBuilder()
                .setName(model.name())
                .addAllVersions(
                        shown.stream().map(v -> Long.toString(v.version())).toList())
                .setPlatform(platform.isEmpty() ? model.config().getBackend() : platform)
                .addAllInputs(model.tensors().inputs().stream()
                        .map(InferenceGrpc::tensor)
                        .toList())
                .addAllOutputs(model.tensors().outputs().stream()
                        .map(InferenceGrpc::tensor)
                        .toList())
                .build();
    }

    private static TensorMetadata tensor(Port port) {
        var message = TensorMetadata.newBuilder()
                .setName(port.name())
                .setDatatype(port.type().name());
        for (long dim : port.shape().toArray()) {
            message.addShape(dim);
        }
        return message.build();
    }

    private ModelStatisticsResponse statistics(ModelStatisticsRequest asked) {
        List<ServedModel> shown;
        if (asked.getName().isEmpty()) {
            shown = models.ready();
        } else {
            var found = find(asked.getName(), asked.getVersion());
            shown = asked.getVersion().isEmpty() ? models.ready(asked.getName()) : List.of(found);
        }
        return ModelStatisticsResponse.newBuilder()
                .addAllModelStats(shown.stream().map(StatisticsMessages::of).toList())
                .build();
    }

    private RepositoryIndexResponse index(RepositoryIndexRequest asked) {
        var answer = RepositoryIndexResponse.newBuilder();
        for (var line : repository.index(asked.getReady())) {
            var entry = ModelIndex.newBuilder().setName(line.model()).setReason(line.reason());
            if (line.version() > 0) {
                entry.setVersion(Long.toString(line.version()))
                        .setState(line.state().name());
            }
            answer.addModels(entry);
        }
        return answer.build();
    }

    private RepositoryModelLoadResponse load(RepositoryModelLoadRequest asked) {
        var config = Optional.<String>empty();
        var files = new HashMap<String, byte[]>();
        for (var parameter : asked.getParametersMap().entrySet()) {
            var path = RepositoryControl.filePath(parameter.getKey());
            if (parameter.getKey().equals("config")) {
                config = Optional.of(parameter.getValue().getStringParam());
            } else if (path.isPresent()) {
                files.put(path.get(), parameter.getValue().getBytesParam().toByteArray());
            } else {
                throw RepositoryControl.unknown(parameter.getKey());
            }
        }
        repository.load(asked.getModelName(), config, files);
        return RepositoryModelLoadResponse.getDefaultInstance();
    }
}
