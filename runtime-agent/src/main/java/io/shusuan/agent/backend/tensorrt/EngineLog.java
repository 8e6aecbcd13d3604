package io.shusuan.agent.backend.tensorrt;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.tensorrt.nvinfer.ILogger;

/** TensorRT's log: where it says why a call was refused. The newest errors are kept until somebody asks why. */
final class EngineLog extends ILogger {
    private static final Logger log = System.getLogger("tensorrt");
    private static final int KEPT = 8;

    private final Deque<String> errors = new ArrayDeque<>();

    @Override
    public void log(Severity severity, String message) {
        switch (severity.intern()) {
            case kINTERNAL_ERROR, kERROR -> keep(message);
            case kWARNING -> log.log(Level.WARNING, message);
            case kINFO, kVERBOSE -> log.log(Level.DEBUG, message);
        }
    }

    private synchronized void keep(String message) {
        if (errors.size() == KEPT) {
            errors.removeFirst();
        }
        errors.addLast(message.strip());
    }

    /** What went wrong since the last time, and forgets it. */
    synchronized String takeErrors() {
        var all = String.join("; ", errors);
        errors.clear();
        return all;
    }
}
