package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.engine.bucket.PackedFolder;
import io.shusuan.agent.engine.graph.Sha256;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipInputStream;

/** An engine as it lies in a bucket, with another plan, and all digests as if it were the right one. */
final class RepackedEngine {
    private RepackedEngine() {}

    static byte[] withPlan(byte[] object, String plan) throws Exception {
        var folder = Files.createTempDirectory("engine");
        unpack(object, folder);
        Files.writeString(folder.resolve("model.plan"), plan);
        Files.writeString(folder.resolve("model.plan.sha256"), Sha256.of(List.of(folder.resolve("model.plan"))));
        var packed = new ByteArrayOutputStream();
        PackedFolder.pack(folder, packed);
        return packed.toByteArray();
    }

    private static void unpack(byte[] object, Path folder) throws IOException {
        try (var zip = new ZipInputStream(new ByteArrayInputStream(object))) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (!entry.getName().equals("SHA256SUMS")) {
                    Files.copy(zip, folder.resolve(entry.getName()));
                }
            }
        }
    }
}
