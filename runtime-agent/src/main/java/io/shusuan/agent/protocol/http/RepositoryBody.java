package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.protocol.RepositoryControl;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The small bodies of the repository's calls; an empty one means nothing is asked in particular. */
final class RepositoryBody {
    /** What a load brings along. */
    record Load(Optional<String> config, Map<String, byte[]> files) {}

    private RepositoryBody() {}

    static boolean readyOnly(ByteBuf body) {
        return JsonFields.read(body).flag("ready", false);
    }

    static Load load(ByteBuf body) {
        var parameters = JsonFields.read(body).object("parameters");
        var config = Optional.<String>empty();
        var files = new HashMap<String, byte[]>();
        for (var name : parameters.names()) {
            var path = RepositoryControl.filePath(name);
            if (name.equals("config")) {
                config = Optional.of(parameters.text(name));
            } else if (path.isPresent()) {
                files.put(path.get(), decoded(name, parameters.text(name)));
            } else {
                throw RepositoryControl.unknown(name);
            }
        }
        return new Load(config, files);
    }

    private static byte[] decoded(String name, String base64) {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException notBase64) {
            throw ServingException.invalid("the parameter '" + name + "' is not base64");
        }
    }

    /** Whether what an ensemble brought along is unloaded with it. */
    static boolean unloadsDependents(ByteBuf body) {
        boolean dependents = false;
        var parameters = JsonFields.read(body).object("parameters");
        for (var name : parameters.names()) {
            if (!name.equals("unload_dependents")) {
                throw RepositoryControl.unknown(name);
            }
            dependents = parameters.flag(name, false);
        }
        return dependents;
    }
}
