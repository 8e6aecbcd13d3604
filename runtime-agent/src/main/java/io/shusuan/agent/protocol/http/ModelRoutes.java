package io.shusuan.agent.protocol.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.shusuan.agent.config.ModelInterface.Port;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.protocol.ModelVersions;
import io.shusuan.agent.repository.Models;
import io.shusuan.agent.repository.ServedModel;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** What the server says of its models. */
public final class ModelRoutes {
    private final Models models;

    public ModelRoutes(Models models) {
        this.models = models;
    }

    HttpAnswer metadata(String name, @Nullable String version) {
        var model = models.find(name, ModelVersions.parse(version));
        return HttpAnswer.json(Json.document(json -> {
            json.writeStringProperty("name", model.name());
            json.writeArrayPropertyStart("versions");
            if (version == null) {
                models.ready(name).forEach(each -> json.writeString(Long.toString(each.version())));
            } else {
                json.writeString(Long.toString(model.version()));
            }
            json.writeEndArray();
            var platform = model.config().getPlatform();
            json.writeStringProperty(
                    "platform", platform.isEmpty() ? model.config().getBackend() : platform);
            ports(json, "inputs", model.tensors().inputs());
            ports(json, "outputs", model.tensors().outputs());
        }));
    }

    private static void ports(JsonGenerator json, String member, List<Port> ports) {
        json.writeArrayPropertyStart(member);
        for (var port : ports) {
            json.writeStartObject();
            json.writeStringProperty("name", port.name());
            json.writeStringProperty("datatype", port.type().name());
            json.writeArrayPropertyStart("shape");
            for (long dim : port.shape().toArray()) {
                json.writeNumber(dim);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    HttpAnswer ready(String name, @Nullable String version) {
        try {
            if (models.find(name, ModelVersions.parse(version)).failure().isEmpty()) {
                return HttpAnswer.empty(HttpResponseStatus.OK, HttpAnswer.TEXT);
            }
        } catch (ServingException notThere) {
            // the same answer as for one that is there and has failed
        }
        throw new HttpRefusal(HttpResponseStatus.BAD_REQUEST, HttpAnswer.TEXT, "Model version not ready");
    }

    HttpAnswer config(String name, @Nullable String version) {
        var config = models.find(name, ModelVersions.parse(version)).config();
        return HttpAnswer.json(Json.value(json -> ConfigJson.write(json, config)));
    }

    HttpAnswer statistics() {
        return statistics(models.ready());
    }

    HttpAnswer statistics(String name, @Nullable String version) {
        var found = models.find(name, ModelVersions.parse(version));
        return statistics(version == null ? models.ready(name) : List.of(found));
    }

    private static HttpAnswer statistics(List<ServedModel> shown) {
        return HttpAnswer.json(Json.document(json -> {
            json.writeArrayPropertyStart("model_stats");
            shown.forEach(model -> StatisticsJson.write(json, model));
            json.writeEndArray();
        }));
    }
}
