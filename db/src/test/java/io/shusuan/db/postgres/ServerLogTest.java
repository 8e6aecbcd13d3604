package io.shusuan.db.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerLogTest {
    @Test
    void keepsTheNewestFilesAndWhatIsNotTheServers(@TempDir Path folder) throws IOException {
        for (var day = 10; day < 30; day++) {
            Files.createFile(folder.resolve("postgresql-202601" + day + "-000000.log"));
        }
        Files.createFile(folder.resolve("start.log"));

        ServerLog.prune(folder);

        try (var left = Files.list(folder)) {
            assertThat(left.map(file -> file.getFileName().toString()).sorted())
                    .hasSize(9)
                    .startsWith("postgresql-20260122-000000.log")
                    .endsWith("postgresql-20260129-000000.log", "start.log");
        }
    }
}
