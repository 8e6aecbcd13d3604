package io.shusuan.agent.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NativeHandleTest {
    private final List<Long> destroyed = new ArrayList<>();
    private final NativeHandle handle = NativeHandle.adopt("a thing", 42, destroyed::add);

    @Test
    void destroysWhatNobodyUses() {
        handle.close();
        handle.close();

        assertThat(destroyed).containsExactly(42L);
        assertThatThrownBy(handle::address).hasMessage("a thing is closed");
        assertThatThrownBy(handle::use).hasMessage("a thing is closed");
    }

    @Test
    void leavesTheDestroyingToTheLastUser() {
        var first = handle.use();
        var second = handle.use();
        handle.close();
        first.close();
        first.close();
        assertThat(destroyed).isEmpty();
        assertThat(second.address()).isEqualTo(42);

        second.close();

        assertThat(destroyed).containsExactly(42L);
        assertThatThrownBy(second::address).hasMessage("the use of a thing has ended");
    }
}
