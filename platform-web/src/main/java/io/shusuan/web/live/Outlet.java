package io.shusuan.web.live;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Where a live page's fragments go. It remembers what each event last said and sends only what says something new. */
public final class Outlet {

    private static final long SILENCE_NANOS = 12_000_000_000L;

    private final SseEmitter emitter;
    private final Map<String, Map<String, ?>> said = new HashMap<>();
    private long lastSent = System.nanoTime();

    Outlet(SseEmitter emitter) {
        this.emitter = emitter;
    }

    /** The browser is gone. */
    public static final class ClosedException extends Exception {

        private static final long serialVersionUID = 1;

        ClosedException(Throwable cause) {
            super(cause);
        }
    }

    /** Notes what the page says already, so that only something else is sent. */
    public void known(String event, Map<String, ?> model) {
        said.putIfAbsent(event, model);
    }

    /** Sends a fragment, rendered with the model, unless the event said the same before. */
    public void fragment(String event, String fragment, Map<String, ?> model) throws ClosedException {
        if (!model.equals(said.put(event, model))) {
            send(SseEmitter.event().name(event).data(new ModelAndView(fragment, model)));
        }
    }

    /** Lets the browser, and whoever is between, know that the stream is alive. */
    void keepAlive() throws ClosedException {
        if (System.nanoTime() - lastSent > SILENCE_NANOS) {
            send(SseEmitter.event().comment("still here"));
        }
    }

    private void send(SseEmitter.SseEventBuilder event) throws ClosedException {
        try {
            emitter.send(event);
            lastSent = System.nanoTime();
        } catch (IOException | IllegalStateException gone) {
            throw new ClosedException(gone);
        }
    }
}
