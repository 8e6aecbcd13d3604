package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.Parameter;
import io.shusuan.agent.inference.ServingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sends each answer of a generate_stream call as a server-sent event. A failure before the first is answered by its status. */
final class GenerationStream implements Completion {
    private static final String CONTENT_TYPE = "text/event-stream; charset=utf-8";
    private static final byte[] BEGIN = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);

    private final Responder responder;
    private final InferenceResponse emptyFinal;
    private final boolean emptyFinalWanted;
    private @Nullable PartsWriter events;

    GenerationStream(Responder responder, String model, long version, String id, boolean emptyFinalWanted) {
        this.responder = responder;
        this.emptyFinal = new InferenceResponse(
                model, version, id, List.of(), Map.of("triton_final_response", new Parameter.Flag(true)));
        this.emptyFinalWanted = emptyFinalWanted;
    }

    @Override
    public void partial(InferenceResponse response) {
        try (response) {
            send(GenerateAnswer.json(response));
        }
    }

    @Override
    public void completed(InferenceResponse response) {
        try (response) {
            finish(GenerateAnswer.json(response));
        } catch (ServingException refused) {
            failed(refused);
        }
    }

    @Override
    public void completed() {
        if (emptyFinalWanted) {
            finish(GenerateAnswer.json(emptyFinal));
        } else {
            events().end();
        }
    }

    @Override
    public void failed(ServingException failure) {
        if (events == null) {
            responder.sendLater(() -> {
                throw failure;
            });
        } else {
            finish(Json.document(json -> json.writeStringProperty("error", failure.text())));
        }
    }

    private void finish(ByteBuf document) {
        try {
            send(document);
        } catch (ServingException nobodyReads) {
            // the connection is gone, and with it whoever would read the reason
        }
        events().end();
    }

    private void send(ByteBuf document) {
        var event = ByteBufAllocator.DEFAULT.buffer(BEGIN.length + document.readableBytes() + END.length);
        event.writeBytes(BEGIN).writeBytes(document).writeBytes(END);
        document.release();
        events().write(event);
    }

    private PartsWriter events() {
        var begun = events;
        if (begun == null) {
            begun = responder.begin(CONTENT_TYPE);
            events = begun;
        }
        return begun;
    }
}
