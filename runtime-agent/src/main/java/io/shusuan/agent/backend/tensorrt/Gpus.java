package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** What this process knows of its GPUs: who has how much of their memory, and which are lost. After a sticky error only a new process can use that GPU. */
final class Gpus {
    private static final Logger log = System.getLogger(Gpus.class.getName());

    private final MemoryBudget memory;
    private final Map<Integer, String> lost = new ConcurrentHashMap<>();

    Gpus(MemoryBudget memory) {
        this.memory = memory;
    }

    MemoryBudget memory() {
        return memory;
    }

    /** Notes what a failed call means for its GPU. */
    void failed(int gpu, NativeException failure) {
        if (failure.isSticky() && lost.putIfAbsent(gpu, failure.text()) == null) {
            log.log(
                    Level.ERROR,
                    "GPU {0} is lost to this process and its instances answer nothing more: {1}. Restart the agent",
                    gpu,
                    failure.text());
        }
    }

    /** Throws when nothing can run there any more. */
    void check(int gpu) {
        var why = lost(gpu);
        if (why.isPresent()) {
            throw new ServingException(Reason.UNAVAILABLE, why.get());
        }
    }

    Optional<String> lost(int gpu) {
        return Optional.ofNullable(lost.get(gpu)).map(why -> sentence(gpu, why));
    }

    Optional<String> anyLost() {
        return new TreeMap<>(lost)
                .entrySet().stream()
                        .map(each -> sentence(each.getKey(), each.getValue()))
                        .findFirst();
    }

    private static String sentence(int gpu, String why) {
        return "GPU " + gpu + " is lost to this agent until it is restarted: " + why;
    }
}
