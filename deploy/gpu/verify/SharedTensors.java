import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;

/** Memory that a caller shares with the agent: the tensors of one request, and room for its answer. The agent knows them as {@code in} and {@code out}. */
abstract class SharedTensors implements AutoCloseable {
    private final ServedAgent agent;
    private final String kind;

    private SharedTensors(ServedAgent agent, String kind) {
        this.agent = agent;
        this.kind = kind;
    }

    static SharedTensors ofSystem(ServedAgent agent, Tensors tensors, int batch) throws IOException, InterruptedException {
        return new OfSystem(agent, tensors, batch);
    }

    /** In memory of the GPU that this process has allocated. */
    static SharedTensors ofCuda(ServedAgent agent, Tensors tensors, int batch) throws IOException, InterruptedException {
        return new OfCuda(agent, tensors, batch);
    }

    /** What lies where the answer goes. */
    abstract byte[] answer() throws IOException;

    abstract void free() throws IOException;

    final void register(String name, String where, int bytes) throws IOException, InterruptedException {
        var answer = agent.post("/v2/" + kind + "/region/" + name + "/register", "{" + where + ",\"byte_size\":" + bytes + "}");
        if (answer.statusCode() != 200) {
            throw new IOException("the agent does not take shared memory: " + answer.body());
        }
    }

    @Override
    public final void close() throws IOException {
        try {
            agent.post("/v2/" + kind + "/unregister", "");
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            free();
        }
    }

    private static final class OfSystem extends SharedTensors {
        private final Path in = Files.createTempFile(Path.of("/dev/shm"), "verify-in", "");
        private final Path out = Files.createTempFile(Path.of("/dev/shm"), "verify-out", "");

        OfSystem(ServedAgent agent, Tensors tensors, int batch) throws IOException, InterruptedException {
            super(agent, "systemsharedmemory");
            Files.write(in, Arrays.copyOf(tensors.sent(), tensors.bytes(batch)));
            Files.write(out, new byte[tensors.answerBytes(batch)]);
            register("in", key(in), tensors.bytes(batch));
            register("out", key(out), tensors.answerBytes(batch));
        }

        private static String key(Path file) {
            return "\"key\":\"/" + file.getFileName() + "\",\"offset\":0";
        }

        @Override
        byte[] answer() throws IOException {
            return Files.readAllBytes(out);
        }

        @Override
        void free() throws IOException {
            Files.deleteIfExists(in);
            Files.deleteIfExists(out);
        }
    }

    private static final class OfCuda extends SharedTensors {
        private static final int GPU = 0;

        private final CudaMemory in;
        private final CudaMemory out;
        private final int answerBytes;

        OfCuda(ServedAgent agent, Tensors tensors, int batch) throws IOException, InterruptedException {
            super(agent, "cudasharedmemory");
            answerBytes = tensors.answerBytes(batch);
            in = CudaMemory.allocate(GPU, tensors.bytes(batch));
            out = CudaMemory.allocate(GPU, answerBytes);
            in.write(Arrays.copyOf(tensors.sent(), tensors.bytes(batch)));
            out.write(new byte[answerBytes]);
            register("in", handle(in), tensors.bytes(batch));
            register("out", handle(out), answerBytes);
        }

        private static String handle(CudaMemory memory) throws IOException {
            return "\"raw_handle\":{\"b64\":\"" + Base64.getEncoder().encodeToString(memory.handle()) + "\"},\"device_id\":" + GPU;
        }

        @Override
        byte[] answer() throws IOException {
            return out.read(answerBytes);
        }

        @Override
        void free() throws IOException {
            in.close();
            out.close();
        }
    }
}
