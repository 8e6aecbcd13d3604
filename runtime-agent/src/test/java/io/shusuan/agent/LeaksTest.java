package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufAllocator;
import org.junit.jupiter.api.Test;

/** That the other tests would notice a lost buffer. */
class LeaksTest {
    @Test
    void noticesABufferThatWasNeverReleased() {
        var leaks = Leaks.watch();
        for (int i = 0; i < 100; i++) {
            lose();
        }

        assertThatThrownBy(leaks::assertNone).hasMessageContaining("LEAK");
    }

    private static void lose() {
        ByteBufAllocator.DEFAULT.heapBuffer(16).writeByte(1);
    }
}
