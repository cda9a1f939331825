package dev.weir.session;

import dev.weir.classify.Route;
import dev.weir.freshness.Floor;
import dev.weir.freshness.FloorToken;
import dev.weir.freshness.MaxLag;
import dev.weir.router.Router;
import dev.weir.server.SessionState;
import dev.weir.wire.FrontendMessage;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * What one session asks for by Weir's settings, which it sets like any other; and the floor, which
 * it reads and sets as one of them. Confined to the client's loop.
 */
final class RouteWishes {
    /** How long it may take to find the floor out for a client that asks for it. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final ClientSession session;
    private final Router router;
    private final Floor floor;
    private final Patience waits;

    /** As long as the session does not say otherwise. */
    private final RouteSettings usual;

    private final boolean readOnly;
    private RouteSettings settings;

    /** The state of the session that this was read from; only the identity counts. */
    private @Nullable SessionState seen;

    /** What the next batch says of them has been seen. */
    private boolean looked;

    /** The message that {@link #mistake} has looked at last mentions one. */
    private boolean mentioned;

    /** The session has them. */
    private boolean defined;

    /** The floor that the session was told last, or has told. */
    private String token = "";

    /**
     * Of a new session.
     *
     * @param usual what it asks for as long as it does not say otherwise
     * @param readOnly whether it must not write, whatever it says
     */
    RouteWishes(
            ClientSession session,
            Router router,
            Floor floor,
            Patience waits,
            RouteSettings usual,
            boolean readOnly) {
        this.session = session;
        this.router = router;
        this.floor = floor;
        this.waits = waits;
        this.usual = usual;
        this.readOnly = readOnly;
        this.settings = usual;
    }

    Route route() {
        return settings.route();
    }

    MaxLag maxLag() {
        return settings.maxLag();
    }

    /**
     * What is wrong with the setting of Weir's that the message sets; null if nothing is.
     *
     * @param total all bytes of the message, of which those from {@code at} to {@code end} are
     *     there
     */
    @Nullable String mistake(ByteBuf in, int at, int end, FrontendMessage type, long total) {
        boolean hasText = type == FrontendMessage.QUERY || type == FrontendMessage.PARSE;
        int past = (int) Math.min(end, at + total);
        mentioned = hasText && RouteSettings.mentioned(in, at, past);
        byte[] text =
                mentioned && total <= end - at ? ReadOnly.text(in, at, type, (int) total) : null;
        return text == null ? null : RouteSettings.mistake(text);
    }

    /**
     * Looks at what the client has made of the settings, and lets the server connection that is
     * lent next know them if the client asks for them, or sets them.
     *
     * @return false if that takes until {@link ClientSession#proceed}
     */
    boolean look(ByteBuf in, int at, int end, FrontendMessage type, long total) {
        if (looked) {
            return true;
        }
        read();
        if (mentions(in, at, end, type, total) && !define(in, at, end)) {
            return false;
        }
        looked = true;
        return true;
    }

    /** Perf: what {@link #mistake} has looked at need not be looked at again. */
    private boolean mentions(ByteBuf in, int at, int end, FrontendMessage type, long total) {
        boolean known = type == FrontendMessage.QUERY || type == FrontendMessage.PARSE;
        int from = known ? (int) Math.min(end, at + total) : at;
        return (known && mentioned) || (from < end && RouteSettings.mentioned(in, from, end));
    }

    private void read() {
        SessionState now = session.state().wanted();
        if (now == seen) {
            return;
        }
        if (readOnly && !ReadOnly.ON.equals(now.settings().get(ReadOnly.SETTING))) {
            session.state().assign(ReadOnly.SETTING, ReadOnly.ON);
            now = session.state().wanted();
        }
        seen = now;
        settings = usual.with(now.settings());
        String told = now.settings().getOrDefault(RouteSettings.FLOOR, "");
        if (!told.equals(token)) {
            token = told;
            FloorToken raised = FloorToken.parse(told);
            if (raised != null) {
                router.raise(floor, raised);
            }
        }
    }

    private boolean define(ByteBuf in, int at, int end) {
        if (!defined) {
            defined = true;
            session.state().define(usual.values());
        }
        if (!RouteSettings.floorMentioned(in, at, end)) {
            return true;
        }
        FloorToken now = router.token(floor);
        if (now == null && !waits.late()) {
            waits.await(
                    PATIENCE,
                    told -> router.awaitFloor(floor, session.channel().eventLoop(), told));
            return false;
        }
        waits.over();
        // If it is not known, nobody may take what was known before for it.
        token = (now == null ? FloorToken.now(router.timeline()) : now).toString();
        session.state().assign(RouteSettings.FLOOR, token);
        return true;
    }

    /** What follows has not been looked at. */
    void over() {
        looked = false;
    }
}
