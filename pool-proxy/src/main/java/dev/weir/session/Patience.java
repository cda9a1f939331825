package dev.weir.session;

import dev.weir.router.Wait;

import io.netty.util.concurrent.Future;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The wait of a session's next message: for servers to tell how far they are, with a limit, or for
 * better times. Confined to the client's loop.
 */
final class Patience {
    private final ClientSession session;

    /** What is waited for; null if nothing is. */
    private @Nullable Wait wait;

    /** When it has waited long enough; null if it has not begun to wait. */
    private @Nullable Future<?> deadline;

    /** It has waited long enough. */
    private boolean late;

    /** After which it is looked again; null if that is not awaited. */
    private @Nullable Future<?> pause;

    Patience(ClientSession session) {
        this.session = session;
    }

    /** Whether the message has waited for as long as it may. */
    boolean late() {
        return late;
    }

    /** Whether it has begun to wait. */
    boolean begun() {
        return deadline != null;
    }

    /** Whether the message waits. */
    boolean waiting() {
        return wait != null || pause != null;
    }

    /**
     * Begins to wait, or goes on; then the session proceeds.
     *
     * @param most from the beginning on
     * @param begin begins it, and lets the session know by what it is given
     */
    void await(Duration most, Function<Runnable, Wait> begin) {
        if (deadline == null) {
            deadline =
                    session.channel()
                            .eventLoop()
                            .schedule(this::expired, most.toNanos(), TimeUnit.NANOSECONDS);
        }
        wait = begin.apply(this::awake);
    }

    private void expired() {
        late = true;
        Wait waiting = wait;
        if (waiting != null) {
            waiting.expire();
        }
    }

    private void awake() {
        if (wait != null && !session.gone()) {
            wait = null;
            session.proceed();
        }
    }

    /** Lets the session proceed after a while. */
    void pause(Duration length) {
        pause =
                session.channel()
                        .eventLoop()
                        .schedule(this::paused, length.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void paused() {
        if (pause != null && !session.gone()) {
            pause = null;
            session.proceed();
        }
    }

    /** The message waits no more. */
    void over() {
        Wait waiting = wait;
        if (waiting != null) {
            wait = null;
            waiting.cancel();
        }
        Future<?> timer = deadline;
        if (timer != null) {
            timer.cancel(false);
            deadline = null;
        }
        Future<?> next = pause;
        if (next != null) {
            next.cancel(false);
            pause = null;
        }
        late = false;
    }
}
