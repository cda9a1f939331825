package dev.weir.net;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.TimeUnit;

/**
 * How much memory the buffers of all connections take, and whether that is too much. Any thread may
 * ask.
 *
 * <p>Perf: the allocator counts already what is in use. It is asked from time to time, and only
 * where there is a limit; nothing is counted where bytes are moved.
 */
public final class BufferMemory {
    private static final Logger LOG = LoggerFactory.getLogger(BufferMemory.class);

    private static final long EVERY_MILLIS = 50;

    /** The log tells of shortages so often at most. */
    private static final long TOLD_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final PooledByteBufAllocator allocator;
    private final EventLoop loop;

    /** Bytes, 0 without limit. Written by whoever reloads. */
    private volatile long max;

    /** Written on one loop, or by whoever takes the limit away; read by all loops. */
    private volatile boolean scarce;

    private @Nullable Future<?> looks;
    private long toldNanos = System.nanoTime() - TOLD_EVERY_NANOS;

    /** Of the buffers of {@code loops}; without a limit. */
    public BufferMemory(EventLoops loops) {
        allocator = loops.allocator();
        loop = loops.group().next();
    }

    /** Sets the limit, in bytes; 0 for none. */
    public synchronized void limit(long bytes) {
        max = bytes;
        Future<?> before = looks;
        if (bytes > 0 && before == null) {
            looks = loop.scheduleWithFixedDelay(this::look, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
        } else if (bytes == 0 && before != null) {
            before.cancel(false);
            looks = null;
            scarce = false;
        }
    }

    private synchronized void look() {
        long limit = max;
        if (limit == 0) {
            return;
        }
        long used = used();
        // It has to become noticeably less, or it would go to and fro.
        boolean now = used > (scarce ? limit / 10 * 9 : limit);
        long nanos = System.nanoTime();
        if (now && !scarce && nanos - toldNanos >= TOLD_EVERY_NANOS) {
            toldNanos = nanos;
            LOG.warn(
                    "the buffers of all connections take {} bytes, more than max-client-memory ({}): new clients are refused, and clients that wait are not read from",
                    used,
                    limit);
        }
        scarce = now;
    }

    /** Bytes that buffers take now. */
    public long used() {
        return allocator.pinnedDirectMemory() + allocator.pinnedHeapMemory();
    }

    /** The limit in bytes; 0 if there is none. */
    public long max() {
        return max;
    }

    /** Whether there is more than the limit allows. */
    public boolean scarce() {
        return scarce;
    }
}
