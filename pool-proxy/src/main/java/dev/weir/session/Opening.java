package dev.weir.session;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.weir.classify.Route;
import dev.weir.classify.TransactionCommand;
import dev.weir.classify.TransactionModes;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;

/**
 * The beginning of a transaction that the client takes for begun and no server connection has heard
 * of: where it goes is decided by what follows. Confined to the client's loop.
 */
final class Opening {
    /** Makes the transaction the failed one that the client takes it for. */
    private static final String FAILURE = "SELECT 1/0";

    /** The client's own words, ready to be followed by others. */
    private final ByteArrayOutputStream words = new ByteArrayOutputStream(64);

    private @Nullable TransactionModes modes;

    /** What a comment asks for; null if none does. */
    private @Nullable Route route;

    /** The client has been told that a statement of it has failed. */
    private boolean failed;

    /** A server connection is told, or has been. */
    private boolean sent;

    /** Whether there is one. */
    boolean held() {
        return modes != null;
    }

    /** What the client has said of it; null if there is none. */
    @Nullable TransactionModes modes() {
        return modes;
    }

    /** Where it is to go by a comment in it; null if there is none. */
    @Nullable Route route() {
        return route;
    }

    boolean failed() {
        return failed;
    }

    /** BEGIN, or what says more of it. */
    void add(byte[] text, TransactionCommand command) {
        TransactionModes before = modes;
        modes = before == null ? command.modes() : before.then(command.modes());
        Route hint = Route.hint(text);
        route = hint == null ? route : hint;
        write(text);
    }

    private void write(byte[] text) {
        words.writeBytes(text);
        // On a line of its own, for the text may end with a comment.
        words.write('\n');
        words.write(';');
    }

    /** A statement of it could not be carried out, and nothing has been sent. */
    void fail() {
        failed = true;
    }

    /** What is to be sent to the server connection just lent; null if nothing is. */
    byte @Nullable [] take() {
        if (modes == null || sent) {
            return null;
        }
        sent = true;
        if (failed) {
            write(FAILURE.getBytes(US_ASCII));
        }
        return words.toByteArray();
    }

    /** The server connection is another, or will be. */
    void notSent() {
        sent = false;
    }

    /** It is over, or a server's business alone. */
    void clear() {
        modes = null;
        route = null;
        failed = false;
        sent = false;
        words.reset();
    }
}
