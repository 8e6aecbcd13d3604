package io.shusuan.scheduler.cluster.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Ports and GPUs are handed to one attempt at a time. */
class PortsTest {

    @Test
    void noPortIsGivenTwiceUntilItComesBack() throws Exception {
        var ports = new Ports(28_000, 28_009);
        var all = ports.take(10);
        assertThat(all)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(28_000, 28_009).boxed().toList());
        assertThatThrownBy(() -> ports.take(1)).hasMessage("no 1 free port(s) between 28000 and 28009");
        ports.release(all.subList(3, 5));
        assertThatThrownBy(() -> ports.take(3)).isInstanceOf(IOException.class);
        assertThat(ports.take(2)).containsExactlyInAnyOrderElementsOf(all.subList(3, 5));
    }

    @Test
    void aPortThatSomebodyListensOnIsPassedBy() throws Exception {
        try (var everywhere = new ServerSocket();
                var loopback = new ServerSocket()) {
            everywhere.bind(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 28_010));
            loopback.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 28_011));
            assertThat(new Ports(28_010, 28_012).take(1)).containsExactly(28_012);
        }
    }

    @Test
    void whatWasFoundInUseIsNotGivenAway() throws Exception {
        var ports = new Ports(28_020, 28_021);
        ports.adopt(List.of(28_020));
        assertThat(ports.take(1)).containsExactly(28_021);
        var gpus = new Gpus(3);
        gpus.adopt(List.of(1));
        assertThat(gpus.take(2)).containsExactly(0, 2);
        assertThatThrownBy(() -> gpus.take(1)).hasMessageContaining("of 3 only 0 are free");
        gpus.release(List.of(1));
        assertThat(gpus.take(1)).containsExactly(1);
    }
}
