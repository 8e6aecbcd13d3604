package io.shusuan.api.job;

import io.shusuan.scheduler.spec.Fault;
import io.shusuan.scheduler.spec.FaultCode;
import io.shusuan.scheduler.spec.SpecException;
import io.shusuan.scheduler.spec.SpecReader;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Jobs are read as YAML, which takes more than JSON; but what was sent as JSON is given out as JSON again, and so must be it. */
final class JsonText {

    private static final JsonFactory JSON = new JsonFactory();

    private JsonText() {}

    static void require(byte[] text) {
        try (var tokens = JSON.createParser(ObjectReadContext.empty(), text)) {
            while (tokens.nextToken() != null) {
                // to the end
            }
        } catch (JacksonException notJson) {
            refuseIfUnreadable(text);
            throw new SpecException(List.of(fault(notJson)));
        }
    }

    /** The reader knows better words for what is neither JSON nor YAML. */
    private static void refuseIfUnreadable(byte[] text) {
        try {
            new SpecReader().read(text);
        } catch (SpecException wrong) {
            if (wrong.malformed()) {
                throw wrong;
            }
        }
    }

    private static Fault fault(JacksonException notJson) {
        var at = notJson.getLocation();
        return new Fault(
                FaultCode.SYNTAX,
                "the text is sent as application/json, and is no JSON from here on: mend it, or send it as application/yaml",
                Math.max(1, at.getLineNr()),
                Math.max(1, at.getColumnNr()),
                "",
                notJson.getOriginalMessage(),
                "JSON",
                null);
    }
}
