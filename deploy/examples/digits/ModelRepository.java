import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A folder laid out as inference servers read it: {@code <model>/<version>/model.onnx}.
 *
 * <p>Beside the versions lie {@code samples.npz}, which conversions of the model are calibrated with. The folder needs no {@code config.pbtxt}: the server reads inputs and outputs from the model itself.
 */
final class ModelRepository {

    private final Path root;
    private final Path partial;

    /** Opens the repository, and finds out before any training whether it can be written to. */
    ModelRepository(Path root) {
        this.root = root;
        this.partial = root.resolve(".model.onnx.partial");
        try {
            Files.createDirectories(root);
            write(new byte[0]);
            Files.delete(partial);
        } catch (IOException unwritable) {
            throw cannotWrite(unwritable);
        }
    }

    /** Whoever reads the repository meanwhile finds the whole model or none: it is written aside, then renamed. */
    Path publish(String model, int version, byte[] onnx) {
        return publish(root.resolve(model).resolve(Integer.toString(version)).resolve("model.onnx"), onnx);
    }

    Path publishSamples(String model, byte[] archive) {
        return publish(root.resolve(model).resolve("samples.npz"), archive);
    }

    private Path publish(Path file, byte[] content) {
        try {
            try {
                write(content);
                Files.createDirectories(file.getParent());
                Files.move(partial, file, ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(partial);
            }
            return file;
        } catch (IOException unwritable) {
            throw cannotWrite(unwritable);
        }
    }

    private void write(byte[] content) throws IOException {
        try (var channel = FileChannel.open(partial, CREATE, TRUNCATE_EXISTING, WRITE)) {
            for (var rest = ByteBuffer.wrap(content); rest.hasRemaining(); ) {
                channel.write(rest);
            }
            channel.force(true);
        }
    }

    private Fault cannotWrite(IOException cause) {
        return new Fault("cannot write the model to %s: %s".formatted(root, Fault.reason(cause)));
    }
}
