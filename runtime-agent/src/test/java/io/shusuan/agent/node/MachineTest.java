package io.shusuan.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTest {
    @TempDir
    private Path proc;

    private void stat(long user, long idle) throws IOException {
        Files.writeString(
                proc.resolve("stat"),
                "cpu  %d 0 0 %d 0 0 0 0 0 0\ncpu0 1 0 0 1 0 0 0 0 0 0\ncpu1 1 0 0 1 0 0 0 0 0 0\nintr 1\n"
                        .formatted(user, idle));
    }

    @Test
    void tellsTheLoadSinceTheLastLook() throws Exception {
        Files.writeString(
                proc.resolve("meminfo"), "MemTotal:       1000 kB\nMemFree:  1 kB\nMemAvailable:    400 kB\n");
        var machine = new Machine(proc);
        stat(100, 900);
        machine.get();
        stat(175, 925);

        assertThat(machine.get()).contains(new MachineUse(2, 0.75, 1_024_000, 614_400));
    }

    @Test
    void tellsNothingWhereItIsNotLinux() {
        assertThat(new Machine(proc).get()).isEmpty();
    }
}
