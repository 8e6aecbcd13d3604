package io.shusuan.agent.backend.onnxruntime;

import io.shusuan.agent.backend.NativeHandle;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** What a session logs of the options it was made with. */
@SuppressWarnings("restricted") // ONNX Runtime calls it
final class SessionLog {
    private static final int SET_SESSION_LOG_SEVERITY_LEVEL = 22;
    private static final int SET_USER_LOGGING_FUNCTION = 266;
    private static final int INFO = 1;
    private static final ValueLayout.OfLong POINTER = ValueLayout.JAVA_LONG;

    private final StringBuilder options = new StringBuilder();

    private SessionLog() {}

    static String of(OnnxRuntime engine, NativeHandle options, String model) throws Exception {
        var log = new SessionLog();
        try (var memory = Arena.ofShared()) {
            listen(log, options.address(), memory);
            engine.session(model, options, () -> {}).close();
        }
        return log.options.toString();
    }

    private static void listen(SessionLog log, long options, Arena memory) throws Exception {
        var listener = MethodHandles.lookup()
                .findVirtual(
                        SessionLog.class,
                        "line",
                        MethodType.methodType(
                                void.class, long.class, int.class, long.class, long.class, long.class, long.class))
                .bindTo(log);
        var stub = Linker.nativeLinker()
                .upcallStub(
                        listener,
                        FunctionDescriptor.ofVoid(POINTER, ValueLayout.JAVA_INT, POINTER, POINTER, POINTER, POINTER),
                        memory);
        var table = OrtApi.memory(CountedApi.table().address(), (SET_USER_LOGGING_FUNCTION + 1) * POINTER.byteSize());
        long refused = OrtApi.invoke(
                table.getAtIndex(ValueLayout.ADDRESS, SET_USER_LOGGING_FUNCTION), options, stub.address(), 0);
        refused |=
                OrtApi.invoke(table.getAtIndex(ValueLayout.ADDRESS, SET_SESSION_LOG_SEVERITY_LEVEL), options, INFO, 0);
        if (refused != 0) {
            throw new IllegalStateException("ONNX Runtime takes no log of ours");
        }
    }

    @SuppressWarnings("unused") // called by ONNX Runtime
    private synchronized void line(long parameter, int severity, long category, long id, long place, long message) {
        var text = OrtApi.text(message);
        if (text.startsWith("Session Options")) {
            options.append(text);
        }
    }
}
