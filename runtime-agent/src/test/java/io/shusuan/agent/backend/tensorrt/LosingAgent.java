package io.shusuan.agent.backend.tensorrt;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.ServingProcess;
import io.shusuan.agent.backend.Backend;
import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.BuiltInBackend;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.backend.identity.IdentityBackend;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * An agent as a process of its own that loses its GPU when it reads the line {@code lose}. Models of the backend {@code held} answer only when it reads {@code go}.
 */
final class LosingAgent {
    private LosingAgent() {}

    static ProcessBuilder command(Path repository, String... flags) {
        var words = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                LosingAgent.class.getName(),
                repository.toString()));
        words.addAll(Arrays.asList(flags));
        var builder = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return builder;
    }

    public static void main(String[] arguments) throws Exception {
        var engine = new HostEngine();
        var go = new CountDownLatch(1);
        Thread.ofPlatform().daemon().start(() -> obey(engine, go));
        ServingProcess.serve(
                Path.of(arguments[0]),
                List.of(new TensorRtBackend(() -> engine), new HeldBackend(go)),
                Arrays.copyOfRange(arguments, 1, arguments.length));
    }

    private static void obey(HostEngine engine, CountDownLatch go) {
        try (var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                if (line.equals("lose")) {
                    engine.fail("cudaEventSynchronize", 719, "cudaErrorLaunchFailure");
                } else {
                    go.countDown();
                }
            }
        } catch (IOException closed) {
            // the test has ended
        }
    }

    private static final class HeldBackend extends BuiltInBackend {
        private final Backend identity = new IdentityBackend();
        private final CountDownLatch go;

        HeldBackend(CountDownLatch go) {
            super("held");
            this.go = go;
        }

        @Override
        public BackendModel open(ModelSource source) throws LoadException {
            return new HeldModel(identity.open(source), go);
        }
    }

    private record HeldModel(BackendModel identity, CountDownLatch go) implements BackendModel {
        @Override
        public String description() {
            return identity.description();
        }

        @Override
        public BackendInstance instance(int ordinal) throws LoadException {
            return new HeldInstance(identity.instance(ordinal), go);
        }

        @Override
        public void close() {
            identity.close();
        }
    }

    private record HeldInstance(BackendInstance identity, CountDownLatch go) implements BackendInstance {
        @Override
        public List<Tensor> run(InferenceRequest request) {
            try {
                go.await();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
            return identity.run(request);
        }

        @Override
        public ByteBuf inputMemory(String input, int bytes) {
            return identity.inputMemory(input, bytes);
        }

        @Override
        public void close() {
            identity.close();
        }
    }
}
