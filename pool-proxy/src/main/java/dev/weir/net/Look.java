package dev.weir.net;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Looks at what belongs to event loops: each thing on its own loop, without locks, and a few at a
 * time, so that no client waits for it. On any thread but a loop.
 */
public final class Look {
    /** Things looked at before a loop goes on with its clients: some ten microseconds. */
    private static final int AT_ONCE = 128;

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private Look() {}

    /**
     * What {@code view} makes of each thing, on that thing's loop.
     *
     * @param loop to which loop a thing belongs
     * @param view null for a thing that is not there any more
     * @return without those whose loop did not answer within some seconds
     */
    public static <T, V> List<V> at(
            Collection<T> things, Function<T, EventLoop> loop, Function<T, @Nullable V> view) {
        Map<EventLoop, List<T>> byLoop = new IdentityHashMap<>();
        for (T thing : things) {
            byLoop.computeIfAbsent(loop.apply(thing), _ -> new ArrayList<>()).add(thing);
        }
        List<Future<List<V>>> answers = new ArrayList<>();
        byLoop.forEach((owner, all) -> {
            for (int from = 0; from < all.size(); from += AT_ONCE) {
                List<T> some = all.subList(from, Math.min(all.size(), from + AT_ONCE));
                try {
                    answers.add(owner.submit(() -> views(some, view)));
                } catch (RejectedExecutionException e) {
                    // The loop has ended, and with it all that belonged to it.
                    return;
                }
            }
        });
        List<V> found = new ArrayList<>(things.size());
        long end = System.nanoTime() + PATIENCE.toNanos();
        for (Future<List<V>> answer : answers) {
            long left = Math.max(0, end - System.nanoTime());
            if (answer.awaitUninterruptibly(left, TimeUnit.NANOSECONDS) && answer.isSuccess()) {
                found.addAll(answer.getNow());
            }
        }
        return found;
    }

    private static <T, V> List<V> views(List<T> things, Function<T, @Nullable V> view) {
        List<V> views = new ArrayList<>(things.size());
        for (T thing : things) {
            V seen = view.apply(thing);
            if (seen != null) {
                views.add(seen);
            }
        }
        return views;
    }
}
