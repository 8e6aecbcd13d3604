package io.shusuan.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessTableTest {
    private static final String UID = "0a1b2c3d-1111-2222-3333-444455556666";
    private static final String CONTAINER = "0123456789abcdef".repeat(4);

    @TempDir
    private Path proc;

    private void file(int pid, String name, String text) throws IOException {
        Files.writeString(
                Files.createDirectories(proc.resolve(Integer.toString(pid))).resolve(name), text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0a1b2c3d_1111_2222_3333_444455556666.slice/cri-containerd-%s.scope\n",
                "0::/kubepods.slice/kubepods-pod0a1b2c3d_1111_2222_3333_444455556666.slice/crio-%s.scope\n",
                "0::/../../kubepods-besteffort-pod0a1b2c3d_1111_2222_3333_444455556666.slice/cri-containerd-%s.scope\n",
                "0::/kubepods/burstable/pod0a1b2c3d-1111-2222-3333-444455556666/%s\n",
                "12:devices:/kubepods/pod0a1b2c3d-1111-2222-3333-444455556666/%s\n1:name=systemd:/other\n"
            })
    void findsThePodAndTheContainerOfAProcess(String cgroup) throws Exception {
        file(7, "cgroup", cgroup.formatted(CONTAINER));
        file(7, "comm", "python3\n");

        assertThat(new ProcessTable(proc).owner(7))
                .isEqualTo(new ProcessOwner(
                        Optional.of("python3"), Optional.empty(), Optional.of(UID), Optional.of(CONTAINER)));
    }

    @Test
    void findsTheJobInTheEnvironment() throws Exception {
        file(7, "cgroup", "0::/user.slice/session-1.scope\n");
        file(7, "environ", "A=1\0SHUSUAN_JOB_ID=" + UID + "\0B=2\0");

        var owner = new ProcessTable(proc).owner(7);

        assertThat(owner.job()).contains(UID);
        assertThat(owner.pod()).isEmpty();
        assertThat(owner.container()).isEmpty();
    }

    @Test
    void takesNothingElseForAJob() throws Exception {
        file(7, "environ", "MY_SHUSUAN_JOB_ID=" + UID + "\0SHUSUAN_JOB_ID=<script>\0");

        assertThat(new ProcessTable(proc).owner(7).job()).isEmpty();
    }

    @Test
    void ofAProcessThatIsGoneNothingIsKnown() {
        assertThat(new ProcessTable(proc).owner(7))
                .isEqualTo(new ProcessOwner(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
    }
}
