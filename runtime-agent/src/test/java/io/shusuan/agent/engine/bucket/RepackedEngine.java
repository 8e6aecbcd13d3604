package io.shusuan.agent.engine.bucket;

import io.shusuan.agent.engine.Folders;
import io.shusuan.agent.engine.graph.Sha256;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Engines as they lie in a bucket, with other contents, and all digests as if they were the right ones. */
public final class RepackedEngine {
    private RepackedEngine() {}

    /** What an engine's folder is to have. */
    public interface Contents {
        void write(Path folder) throws Exception;
    }

    public static byte[] withPlan(byte[] object, String plan) throws Exception {
        return of(folder -> {
            PackedFolder.unpack(new ByteArrayInputStream(object), folder, Long.MAX_VALUE);
            Files.writeString(folder.resolve("model.plan"), plan);
            Files.writeString(folder.resolve("model.plan.sha256"), Sha256.of(List.of(folder.resolve("model.plan"))));
        });
    }

    public static byte[] of(Contents contents) throws Exception {
        var folder = Files.createTempDirectory("engine");
        try {
            contents.write(folder);
            var packed = new ByteArrayOutputStream();
            PackedFolder.pack(folder, packed);
            return packed.toByteArray();
        } finally {
            Folders.delete(folder);
        }
    }
}
