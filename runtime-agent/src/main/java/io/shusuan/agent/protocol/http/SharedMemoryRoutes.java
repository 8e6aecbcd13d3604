package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.protocol.CudaSharedMemory;
import io.shusuan.agent.protocol.sharedmemory.RegionStatus;
import io.shusuan.agent.protocol.sharedmemory.SharedMemory;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/** The regions of shared memory: what there is, and adding and removing them. */
public final class SharedMemoryRoutes {
    private final SharedMemory memory;

    public SharedMemoryRoutes(SharedMemory memory) {
        this.memory = memory;
    }

    HttpAnswer system(HttpCall call, List<String> path) {
        var region = regionOf(path);
        return switch (path.getLast()) {
            case "status" -> {
                InferenceHttp.get(call, HttpAnswer.JSON);
                yield region.isEmpty() ? regions(memory.status()) : regions(List.of(memory.status(region)));
            }
            case "unregister" -> {
                InferenceHttp.post(call, HttpAnswer.JSON);
                if (region.isEmpty()) {
                    memory.unregisterAll();
                } else {
                    memory.unregister(region);
                }
                yield done();
            }
            case "register" -> {
                InferenceHttp.post(call, HttpAnswer.JSON);
                requireNamed(region);
                register(region, call.body());
                yield done();
            }
            default -> throw InferenceHttp.notFound();
        };
    }

    /** There is no CUDA here: no region is ever registered. */
    HttpAnswer cuda(HttpCall call, List<String> path) {
        var region = regionOf(path);
        return switch (path.getLast()) {
            case "status" -> {
                InferenceHttp.get(call, HttpAnswer.JSON);
                if (!region.isEmpty()) {
                    throw CudaSharedMemory.notFound(region);
                }
                yield HttpAnswer.text(HttpAnswer.JSON, "[]");
            }
            case "unregister" -> {
                InferenceHttp.post(call, HttpAnswer.JSON);
                yield done();
            }
            case "register" -> {
                InferenceHttp.post(call, HttpAnswer.JSON);
                requireNamed(region);
                throw CudaSharedMemory.refuse(region, CudaHandleJson.read(call.body()));
            }
            default -> throw InferenceHttp.notFound();
        };
    }

    /** The region a path names; empty for all. */
    private static String regionOf(List<String> path) {
        if (path.size() == 1) {
            return "";
        }
        if (path.size() == 3 && path.getFirst().equals("region") && !path.get(1).isEmpty()) {
            return path.get(1);
        }
        throw InferenceHttp.notFound();
    }

    private static void requireNamed(String region) {
        if (region.isEmpty()) {
            throw ServingException.invalid("'region name' is necessary to register a shared memory region");
        }
    }

    private void register(String region, ByteBuf body) {
        var fields = JsonFields.read(body);
        memory.register(region, fields.text("key"), fields.unsigned("offset", 0), fields.unsigned("byte_size"));
    }

    private static HttpAnswer regions(List<RegionStatus> regions) {
        return HttpAnswer.json(Json.value(json -> {
            json.writeStartArray();
            regions.forEach(region -> write(json, region));
            json.writeEndArray();
        }));
    }

    private static void write(JsonGenerator json, RegionStatus region) {
        json.writeStartObject();
        json.writeStringProperty("name", region.name());
        json.writeStringProperty("key", region.key());
        json.writeNumberProperty("offset", region.offset());
        json.writeNumberProperty("byte_size", region.byteSize());
        json.writeEndObject();
    }

    private static HttpAnswer done() {
        return HttpAnswer.empty(HttpResponseStatus.OK, HttpAnswer.JSON);
    }
}
