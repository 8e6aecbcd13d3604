package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import org.junit.jupiter.api.Test;

class IdleMemoryTest {

    private final IdleMemory memory = new IdleMemory();

    private static WeakReference<byte[]> garbage() {
        return new WeakReference<>(new byte[48 << 20]);
    }

    @Test
    void collectsWhatLoadHasLeftBehindOnceItIsQuiet() {
        var left = garbage();

        memory.look();
        assertThat(left.get()).as("still under load").isNotNull();
        memory.look();

        assertThat(left.get()).isNull();
    }
}
