package dev.weir.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;

import dev.weir.net.ClientAddress;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts the logins that fail, and says how long the answer to each is held back: the longer, the
 * more have come from the same address. Any thread may use it.
 */
public final class FailedLogins {
    /** Failures that may be a typing error, or a deployment with an old password. */
    private static final int FORGIVEN = 3;

    private static final Duration FIRST_DELAY = Duration.ofMillis(100);

    /** An address that has not failed for so long begins anew. */
    private static final Duration MEMORY = Duration.ofMinutes(10);

    /** Addresses that are remembered; the quietest are forgotten first. */
    private static final int MAX_ADDRESSES = 10_000;

    private final Duration maxDelay;
    private final Ticker ticker;

    /** Perf: made by the first failure; a start that is quick has no time for it. */
    private @Nullable Cache<InetAddress, Integer> failures;

    private final LongAdder total = new LongAdder();

    /**
     * None so far.
     *
     * @param maxDelay the longest that an answer is held back, zero for never
     * @param ticker the clock
     */
    public FailedLogins(Duration maxDelay, Ticker ticker) {
        this.maxDelay = maxDelay;
        this.ticker = ticker;
    }

    private synchronized Cache<InetAddress, Integer> failures() {
        Cache<InetAddress, Integer> made = failures;
        if (made == null) {
            made =
                    Caffeine.newBuilder()
                            .maximumSize(MAX_ADDRESSES)
                            .expireAfterWrite(MEMORY)
                            .executor(Runnable::run)
                            .ticker(ticker)
                            .build();
            failures = made;
        }
        return made;
    }

    /**
     * A login that has failed.
     *
     * @param inARow how many have failed from this address, this one included
     * @param delay how long its answer is to be held back
     */
    public record Failure(int inARow, Duration delay) {
        /** Whether the log shall tell of it: a flood must not become one of lines. */
        public boolean worthTelling() {
            return inARow <= 10 || Integer.bitCount(inARow) == 1;
        }
    }

    /**
     * Counts one more.
     *
     * @param address where the client is; null behind a Unix-domain socket, which is never held
     *     back
     */
    public Failure count(@Nullable InetAddress address) {
        total.increment();
        if (address == null) {
            return new Failure(1, Duration.ZERO);
        }
        int inARow =
                failures()
                        .asMap()
                        .merge(
                                ClientAddress.network(address),
                                1,
                                (a, b) -> Math.min(a + b, 1 << 30));
        return new Failure(inARow, delay(inARow));
    }

    private Duration delay(int inARow) {
        int doublings = inARow - FORGIVEN - 1;
        if (doublings < 0 || maxDelay.isZero()) {
            return Duration.ZERO;
        }
        // Beyond 2^30 times the first delay there is no telling the difference.
        Duration grown = FIRST_DELAY.multipliedBy(1L << Math.min(doublings, 30));
        return grown.compareTo(maxDelay) < 0 ? grown : maxDelay;
    }

    /** Logins that have failed since the start. */
    public long total() {
        return total.sum();
    }
}
