package dev.weir.session;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Looks at the sessions of one loop from time to time, so that none of them needs a timer, or has
 * to read the clock. Confined to that loop; runs only while there is something to watch.
 */
final class Watch {
    private final EventLoop loop;
    private final long everyMillis;
    private final List<Deadlines> watched = new ArrayList<>();
    private @Nullable ScheduledFuture<?> ticker;

    Watch(EventLoop loop, long everyMillis) {
        this.loop = loop;
        this.everyMillis = everyMillis;
    }

    void add(Deadlines deadlines) {
        deadlines.index(watched.size());
        watched.add(deadlines);
        if (ticker == null) {
            ticker =
                    loop.scheduleAtFixedRate(
                            this::look, everyMillis, everyMillis, TimeUnit.MILLISECONDS);
        }
    }

    void remove(Deadlines deadlines) {
        int index = deadlines.index();
        if (index < 0) {
            return;
        }
        deadlines.index(-1);
        Deadlines last = watched.removeLast();
        if (last != deadlines) {
            watched.set(index, last);
            last.index(index);
        }
        ScheduledFuture<?> running = ticker;
        if (watched.isEmpty() && running != null) {
            running.cancel(false);
            ticker = null;
        }
    }

    private void look() {
        long now = System.nanoTime();
        // From behind, for whoever is disconnected takes itself out.
        for (int i = watched.size() - 1; i >= 0; i--) {
            if (i < watched.size()) {
                watched.get(i).look(now);
            }
        }
    }
}
