package io.shusuan.api.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class FailedLoginsTest {

    /** Stands still until it is told to go on. */
    private static final class Hand extends Clock {
        private Instant now = Instant.EPOCH;

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private final Hand clock = new Hand();
    private final FailedLogins failed = new FailedLogins(clock);

    private void tryAll() {
        for (var i = 0; i < FailedLogins.TRIES; i++) {
            assertThat(failed.begin("ada", "::1")).isEmpty();
        }
    }

    @Test
    void opensAgainAfterThePauseHoweverOftenItWasTried() {
        tryAll();
        clock.now = clock.now.plusSeconds(40);
        assertThat(failed.begin("ada", "::1")).contains(Duration.ofSeconds(20));
        assertThat(failed.begin("Ada", "::1")).contains(Duration.ofSeconds(20));

        clock.now = clock.now.plusSeconds(20);
        assertThat(failed.begin("ada", "::1")).isEmpty();
    }

    @Test
    void keepsUsersAndAddressesApart() {
        tryAll();

        assertThat(failed.begin("bob", "::1")).isEmpty();
        assertThat(failed.begin("ada", "10.0.0.1")).isEmpty();
    }
}
