package io.shusuan.agent.protocol.grpc;

import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.shusuan.agent.config.ModelInterface.Port;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.log.Log;
import io.shusuan.agent.protocol.ModelVersions;
import io.shusuan.agent.protocol.RepositoryControl;
import io.shusuan.agent.protocol.ServerInfo;
import io.shusuan.agent.protocol.grpc.proto.ModelConfigResponse;
import io.shusuan.agent.protocol.grpc.proto.ModelMetadataRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelMetadataResponse;
import io.shusuan.agent.protocol.grpc.proto.ModelMetadataResponse.TensorMetadata;
import io.shusuan.agent.protocol.grpc.proto.ModelReadyResponse;
import io.shusuan.agent.protocol.grpc.proto.ModelStatisticsRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelStatisticsResponse;
import io.shusuan.agent.protocol.grpc.proto.RepositoryIndexRequest;
import io.shusuan.agent.protocol.grpc.proto.RepositoryIndexResponse;
import io.shusuan.agent.protocol.grpc.proto.RepositoryIndexResponse.ModelIndex;
import io.shusuan.agent.protocol.grpc.proto.RepositoryModelLoadRequest;
import io.shusuan.agent.protocol.grpc.proto.RepositoryModelLoadResponse;
import io.shusuan.agent.protocol.grpc.proto.RepositoryModelUnloadResponse;
import io.shusuan.agent.protocol.grpc.proto.ServerLiveResponse;
import io.shusuan.agent.protocol.grpc.proto.ServerMetadataResponse;
import io.shusuan.agent.protocol.grpc.proto.ServerReadyResponse;
import io.shusuan.agent.protocol.sharedmemory.SharedMemory;
import io.shusuan.agent.repository.Models;
import io.shusuan.agent.repository.ServedModel;
import io.shusuan.agent.trace.Tracing;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Every call of the inference service, and which part answers it. */
public final class InferenceGrpc implements BindableService {
    private static final RequestMarshaller<InferMessage> REQUESTS = RequestMarshaller.ofInferMessages();

    private final Models models;
    private final RepositoryControl repository;
    private final BooleanSupplier ready;
    private final InferCall infer;
    private final SharedMemory memory;
    private final SettingCalls settings;
    private final CallMetadata metadata;

    public InferenceGrpc(
            Models models,
            RepositoryControl repository,
            SharedMemory memory,
            Log log,
            Tracing tracing,
            BooleanSupplier ready,
            Optional<Pattern> forwarded,
            Executor network) {
        this.models = models;
        this.repository = repository;
        this.ready = ready;
        this.memory = memory;
        this.settings = new SettingCalls(log, tracing, models);
        this.metadata = new CallMetadata(forwarded, tracing);
        this.infer = new InferCall(models, memory, metadata, network);
    }

    @Override
    public ServerServiceDefinition bindService() {
        var service = ServerServiceDefinition.builder(Method.SERVICE);
        service.addMethod(
                Method.MODEL_INFER.toBuilder(REQUESTS, new AnswerMarshaller()).build(), new InferHandler(infer));
        answer(
                service,
                Method.SERVER_LIVE,
                _ -> ServerLiveResponse.newBuilder().setLive(true).build());
        answer(
                service,
                Method.SERVER_READY,
                _ -> ServerReadyResponse.newBuilder()
                        .setReady(ready.getAsBoolean())
                        .build());
        answer(
                service,
                Method.SERVER_METADATA,
                _ -> ServerMetadataResponse.newBuilder()
                        .setName(ServerInfo.NAME)
                        .setVersion(ServerInfo.version())
                        .addAllExtensions(ServerInfo.EXTENSIONS)
                        .build());
        answer(
                service,
                Method.MODEL_READY,
                asked -> ModelReadyResponse.newBuilder()
                        .setReady(isReady(asked.getName(), asked.getVersion()))
                        .build());
        answer(service, Method.MODEL_METADATA, this::metadata);
        answer(
                service,
                Method.MODEL_CONFIG,
                asked -> ModelConfigResponse.newBuilder()
                        .setConfig(find(asked.getName(), asked.getVersion()).config())
                        .build());
        answer(service, Method.MODEL_STATISTICS, this::statistics);
        answer(service, Method.REPOSITORY_INDEX, this::index);
        slowly(service, Method.REPOSITORY_MODEL_LOAD, this::load);
        slowly(service, Method.REPOSITORY_MODEL_UNLOAD, asked -> {
            boolean dependents = false;
            for (var parameter : asked.getParametersMap().entrySet()) {
                if (!parameter.getKey().equals("unload_dependents")) {
                    throw RepositoryControl.unknown(parameter.getKey());
                }
                dependents = parameter.getValue().getBoolParam();
            }
            repository.unload(asked.getModelName(), dependents);
            return RepositoryModelUnloadResponse.getDefaultInstance();
        });
        new SharedMemoryCalls(memory).addTo(service);
        settings.addTo(service);
        service.addMethod(
                Method.MODEL_STREAM_INFER.toBuilder(REQUESTS, Method.MODEL_STREAM_INFER.getResponseMarshaller())
                        .build(),
                ServerCalls.asyncBidiStreamingCall(caller -> new StreamInferCall(models, memory, metadata, caller)));
        return ServerInterceptors.intercept(service.build(), metadata, new UnreadableRequests());
    }

    static <Q, A> void answer(
            ServerServiceDefinition.Builder service, MethodDescriptor<Q, A> method, Function<Q, A> handler) {
        service.addMethod(method, ServerCalls.asyncUnaryCall((question, caller) -> answer(handler, question, caller)));
    }

    /** For calls that wait for disks and engines: they get a thread of their own. */
    private static <Q, A> void slowly(
            ServerServiceDefinition.Builder service, MethodDescriptor<Q, A> method, Function<Q, A> handler) {
        service.addMethod(
                method,
                ServerCalls.asyncUnaryCall((question, caller) -> Thread.ofPlatform()
                        .daemon()
                        .name("repository")
                        .start(() -> answer(handler, question, caller))));
    }

    private static <Q, A> void answer(Function<Q, A> handler, Q question, StreamObserver<A> caller) {
        try {
            caller.onNext(handler.apply(question));
            caller.onCompleted();
        } catch (RuntimeException refused) {
            caller.onError(GrpcStatus.of(refused));
        }
    }

    private ServedModel find(String name, String version) {
        return models.find(name, ModelVersions.parse(version));
    }

    private boolean isReady(String name, String version) {
        try {
            find(name, version);
            return true;
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
