package dev.weir.auth;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** How long the answers to failed logins are held back. */
class FailedLoginsTest {
    private static final InetAddress ADDRESS = InetAddress.ofLiteral("10.0.0.1");

    private long nanos;
    private final FailedLogins failed = new FailedLogins(Duration.ofSeconds(1), () -> nanos);

    @Test
    void theDelayGrowsFromTheFourthFailureToItsBound() {
        List<Long> delays = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            delays.add(failed.count(ADDRESS).delay().toMillis());
        }
        assertThat(delays).containsExactly(0L, 0L, 0L, 100L, 200L, 400L, 800L, 1000L, 1000L);
        for (int i = 0; i < 1000; i++) {
            assertThat(failed.count(ADDRESS).delay()).isEqualTo(Duration.ofSeconds(1));
        }
        assertThat(failed.total()).isEqualTo(1009);
    }

    @Test
    void eachAddressIsCountedForItself() {
        for (int i = 0; i < 50; i++) {
            failed.count(ADDRESS);
        }
        assertThat(failed.count(InetAddress.ofLiteral("10.0.0.2")).delay()).isZero();
        assertThat(failed.count(null).delay()).isZero();
    }

    @Test
    void aNetworkOfIpv6IsOneAddress() {
        for (int i = 0; i < 50; i++) {
            failed.count(InetAddress.ofLiteral("2001:db8::" + i));
        }
        assertThat(failed.count(InetAddress.ofLiteral("2001:db8::ffff")).delay()).isPositive();
        assertThat(failed.count(InetAddress.ofLiteral("2001:db8:0:1::1")).delay()).isZero();
    }

    @Test
    void anAddressThatHasBeenQuietBeginsAnew() {
        for (int i = 0; i < 50; i++) {
            failed.count(ADDRESS);
        }
        nanos += Duration.ofMinutes(11).toNanos();
        assertThat(failed.count(ADDRESS).inARow()).isEqualTo(1);
    }

    @Test
    void aFloodDoesNotBecomeOneOfLogLines() {
        long told = 0;
        for (int i = 0; i < 10_000; i++) {
            told += failed.count(ADDRESS).worthTelling() ? 1 : 0;
        }
        assertThat(told).isLessThan(25);
    }

    @Test
    void withoutADelayNothingIsHeldBack() {
        FailedLogins off = new FailedLogins(Duration.ZERO, () -> nanos);
        for (int i = 0; i < 50; i++) {
            assertThat(off.count(ADDRESS).delay()).isZero();
        }
    }
}
