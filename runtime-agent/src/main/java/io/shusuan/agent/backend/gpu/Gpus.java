package io.shusuan.agent.backend.gpu;

import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** What this process knows of its GPUs: who has how much of their memory, and which are lost. After a sticky error only a new process can use that GPU. */
public final class Gpus {
    private static final Logger log = System.getLogger(Gpus.class.getName());

    private final MemoryBudget memory;
    private final Map<Integer, String> lost = new ConcurrentHashMap<>();
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();

    /** Of whose memory models may have as much as is usual. */
    public Gpus() {
        this(new MemoryBudget(Map.of()));
    }

    public Gpus(MemoryBudget memory) {
        this.memory = memory;
    }

    public MemoryBudget memory() {
        return memory;
    }

    /** Whom to tell of each GPU that is lost, once, with the reason: by the thread that met it, so the listener must not wait. */
    public void whenLost(Consumer<String> listener) {
        listeners.add(listener);
    }

    /** Notes what a failed call means for its GPU. */
    public void failed(int gpu, GpuFailure failure) {
        if (failure.isSticky() && lost.putIfAbsent(gpu, failure.text()) == null) {
            var sentence = sentence(gpu, failure.text());
            log.log(Level.ERROR, sentence);
            listeners.forEach(listener -> listener.accept(sentence));
        }
    }

    /** Throws when nothing can run there any more. */
    public void check(int gpu) {
        var why = lost(gpu);
        if (why.isPresent()) {
            throw new ServingException(Reason.UNAVAILABLE, why.get());
        }
    }

    public Optional<String> lost(int gpu) {
        return Optional.ofNullable(lost.get(gpu)).map(why -> sentence(gpu, why));
    }

    /** All that are lost, each with the reason. */
    public Map<Integer, String> lost() {
        var all = new TreeMap<Integer, String>();
        lost.forEach((gpu, why) -> all.put(gpu, sentence(gpu, why)));
        return all;
    }

    private static String sentence(int gpu, String why) {
        return "GPU_LOST: GPU " + gpu + " is lost to this agent until it is restarted: " + why;
    }
}
