package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

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

        // the collector hands over what it found in its own time
        await().until(leaks::heard);
        assertThatThrownBy(leaks::assertNone).hasMessageContaining("LEAK");
    }

    private static void lose() {
        ByteBufAllocator.DEFAULT.heapBuffer(16).writeByte(1);
    }
}
