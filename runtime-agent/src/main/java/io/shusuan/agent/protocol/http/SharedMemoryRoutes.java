package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.protocol.sharedmemory.DeviceRegionStatus;
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

    HttpAnswer cuda(HttpCall call, List<String> path) {
        var region = regionOf(path);
        return switch (path.getLast()) {
            case "status" -> {
                InferenceHttp.get(call, HttpAnswer.JSON);
                yield deviceRegions(region.isEmpty() ? memory.deviceStatus() : List.of(memory.deviceStatus(region)));
            }
            case "unregister" -> {
                InferenceHttp.post(call, HttpAnswer.JSON);
                if (region.isEmpty()) {
                    memory.unregisterAllDevices();
                } else {
                    memory.unregisterDevice(region);
                }
                yield done();
            }
            case "register" -> {
                InferenceHttp.post(call, HttpAnswer.JSON);
                requireNamed(region);
                registerDevice(region, call.body());
                yield done();
            }
            default -> throw InferenceHttp.notFound();
        };
    }

    private void registerDevice(String region, ByteBuf body) {
        var fields = JsonFields.read(body);
        memory.registerDevice(
                region, CudaHandleJson.of(fields), fields.unsigned("device_id", 0), fields.unsigned("byte_size"));
    }

    private static HttpAnswer deviceRegions(List<DeviceRegionStatus> regions) {
        return HttpAnswer.json(Json.value(json -> {
            json.writeStartArray();
            for (var region : regions) {
                json.writeStartObject();
                json.writeStringProperty("name", region.name());
                json.writeNumberProperty("device_id", region.gpu());
                json.writeNumberProperty("byte_size", region.byteSize());
                json.writeEndObject();
            }
            json.writeEndArray();
        }));
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
