package dev.weir.session;

import org.jspecify.annotations.Nullable;

import java.util.Set;

/**
 * What a session listens to, wherever its primary is, and when its client hears of it. Confined to
 * the client's loop.
 */
final class Notifications {
    private final ClientSession session;
    private final ChannelListeners listeners;

    /** Null until the client first listens. */
    private @Nullable Listening listening;

    Notifications(ClientSession session, ChannelListeners listeners) {
        this.session = session;
        this.listeners = listeners;
    }

    /** The session's part in the listener that all share. */
    Listening listening() {
        Listening known = listening;
        // The primary may be elsewhere now.
        if (known == null || known.idle()) {
            known = new Listening(session, listeners.of(session.pool().target()));
            listening = known;
        }
        return known;
    }

    /** PostgreSQL has told the session's state. */
    void captured() {
        Set<String> channels = session.state().wanted().channels();
        if (listening != null || !channels.isEmpty()) {
            listening().settle(channels);
        }
    }

    /** Lets the client hear what has come, as far as it may and can. */
    void deliver() {
        Listening known = listening;
        if (known != null) {
            known.deliver();
        }
    }

    /** The client is gone. */
    void close() {
        Listening known = listening;
        if (known != null) {
            known.close();
        }
    }
}
