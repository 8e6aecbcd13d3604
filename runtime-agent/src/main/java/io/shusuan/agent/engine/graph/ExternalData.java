package io.shusuan.agent.engine.graph;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.onnx.StringStringEntryProto;
import io.shusuan.agent.engine.onnx.TensorProto;
import io.shusuan.agent.engine.onnx.TensorProto.DataLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Weights in files beside the model. A model may come from anywhere, so it reads nothing but files of its own folder: no absolute path,
 * no way up, no link that leads out.
 */
final class ExternalData {
    /** Smaller tensors stay in the file: shapes and axes must be readable without the weights. */
    private static final int SMALLEST_SPLIT = 1024;

    private final Path folder;
    private long total;

    private ExternalData(Path folder) {
        this.folder = folder;
    }

    /** The model with its weights in it. */
    static ModelProto inlined(Path file, ModelProto model) throws EngineException, IOException {
        var folder = file.toAbsolutePath().getParent();
        var data = new ExternalData(folder == null ? file : folder.toRealPath());
        data.count(file, model.getSerializedSize());
        // all of it is looked at before any is read, so that what is too large takes no memory
        TensorRewrite.every(model, tensor -> {
            if (tensor.getDataLocation() == DataLocation.EXTERNAL) {
                data.count(file, data.extent(tensor).length());
            }
            return tensor;
        });
        return TensorRewrite.every(model, tensor -> {
            if (tensor.getDataLocation() != DataLocation.EXTERNAL) {
                return tensor;
            }
            var bytes = read(data.extent(tensor));
            return tensor.toBuilder()
                    .clearExternalData()
                    .clearDataLocation()
                    .setRawData(bytes)
                    .build();
        });
    }

    /** The files that weights lie in, in the order of their names. */
    static SortedSet<Path> files(Path file, ModelProto model) throws EngineException, IOException {
        var folder = file.toAbsolutePath().getParent();
        var data = new ExternalData(folder == null ? file : folder.toRealPath());
        var files = new TreeSet<Path>();
        TensorRewrite.every(model, tensor -> {
            if (tensor.getDataLocation() == DataLocation.EXTERNAL) {
                files.add(data.resolve(tensor.getName(), place(tensor).getOrDefault("location", "")));
            }
            return tensor;
        });
        return files;
    }

    private static Map<String, String> place(TensorProto tensor) {
        var place = new HashMap<String, String>();
        tensor.getExternalDataList().forEach(entry -> place.put(entry.getKey(), entry.getValue()));
        return place;
    }

    /** Arrays have a few bytes less than 2 GiB. */
    private void count(Path file, long bytes) throws EngineException {
        total += bytes;
        if (total > Integer.MAX_VALUE - 8) {
            throw new EngineException(
                    Fault.TOO_LARGE,
                    file + " and its external data have 2 GiB or more: such models cannot be converted, only served");
        }
    }

    /** Where a tensor's bytes lie. */
    private record Extent(String location, Path file, long offset, long length) {}

    private Extent extent(TensorProto tensor) throws EngineException {
        var place = place(tensor);
        var location = place.getOrDefault("location", "");
        var file = resolve(tensor.getName(), location);
        try {
            long size = Files.size(file);
            long offset = number(tensor, place, "offset", 0);
            long length = number(tensor, place, "length", Math.max(0, size - offset));
            if (offset > size || length > size - offset) {
                throw new EngineException(
                        Fault.EXTERNAL_DATA_MISSING,
                        "tensor '" + tensor.getName() + "' lies at byte " + offset + " of " + location + " with "
                                + length + " bytes, but the file has only " + size
                                + ": it is truncated, or belongs to another export");
            }
            return new Extent(location, file, offset, length);
        } catch (IOException unreadable) {
            throw unreadable(location, unreadable);
        }
    }

    private static ByteString read(Extent extent) throws EngineException {
        try (var channel = FileChannel.open(extent.file(), StandardOpenOption.READ)) {
            var bytes = ByteBuffer.allocate(Math.toIntExact(extent.length()));
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, extent.offset() + bytes.position()) < 0) {
                    throw new IOException("the file became shorter while it was read");
                }
            }
            return UnsafeByteOperations.unsafeWrap(bytes.flip());
        } catch (IOException unreadable) {
            throw unreadable(extent.location(), unreadable);
        }
    }

    private static EngineException unreadable(String location, IOException why) {
        return new EngineException(Fault.UNREADABLE, "cannot read external data " + location + ": " + why, why);
    }

    private Path resolve(String tensor, String location) throws EngineException {
        Path file;
        try {
            file = folder.resolve(location).normalize();
        } catch (InvalidPathException notAPath) {
            throw outside(tensor, location);
        }
        if (location.isEmpty() || !file.startsWith(folder) || file.equals(folder)) {
            throw outside(tensor, location);
        }
        if (!Files.isRegularFile(file)) {
            throw new EngineException(
                    Fault.EXTERNAL_DATA_MISSING,
                    "tensor '" + tensor + "' lies in " + location
                            + ", which is not in the model's folder: copy that file beside the model");
        }
        try {
            if (!file.toRealPath().startsWith(folder)) {
                throw outside(tensor, location);
            }
        } catch (IOException gone) {
            throw unreadable(location, gone);
        }
        return file;
    }

    private static EngineException outside(String tensor, String location) {
        return new EngineException(
                Fault.EXTERNAL_DATA_OUTSIDE,
                "tensor '" + tensor + "' lies in '" + location
                        + "', outside the model's folder, which is never read: save the model with its weights beside it");
    }

    private static long number(TensorProto tensor, Map<String, String> place, String key, long unset)
            throws EngineException {
        var text = place.get(key);
        try {
            long value = text == null ? unset : Long.parseLong(text);
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException notANumber) {
            // answered below
        }
        throw new EngineException(
                Fault.NOT_ONNX,
                "the external data of tensor '" + tensor.getName() + "' has " + key + " '" + text + "': not a size");
    }

    /** The model with its large tensors in {@code data}, one after the other, in the order of the model. */
    static ModelProto split(ModelProto model, Path data) throws IOException {
        try (var channel = FileChannel.open(data, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            var graph = model.getGraph().toBuilder();
            for (int i = 0; i < graph.getInitializerCount(); i++) {
                var tensor = graph.getInitializer(i);
                if (tensor.getRawData().size() < SMALLEST_SPLIT) {
                    continue;
                }
                long offset = channel.position();
                var bytes = tensor.getRawData().asReadOnlyByteBuffer();
                int length = bytes.remaining();
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                graph.setInitializer(
                        i,
                        tensor.toBuilder()
                                .clearRawData()
                                .setDataLocation(DataLocation.EXTERNAL)
                                .addExternalData(
                                        entry("location", data.getFileName().toString()))
                                .addExternalData(entry("offset", Long.toString(offset)))
                                .addExternalData(entry("length", Integer.toString(length))));
            }
            return model.toBuilder().setGraph(graph).build();
        }
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }
}
