package dev.weir.session;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.weir.classify.Route;
import dev.weir.classify.TransactionCommand;
import dev.weir.classify.TransactionModes;
import dev.weir.wire.Backend;
import dev.weir.wire.FrontendMessage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;

/**
 * The beginning of a transaction that the client takes for begun and no server connection has heard
 * of: where it goes is decided by what follows. Confined to the client's loop.
 */
final class Opening {
    /** Makes the transaction the failed one that the client takes it for. */
    private static final String FAILURE = "SELECT 1/0";

    /** BEGIN, with all that can be said of it, and a comment. */
    private static final int LONGEST_COMMAND = 1024;

    /** END, with the header before it and the zero behind it. */
    private static final int SHORTEST_COMMAND = FrontendMessage.HEADER + 4;

    /** What is answered to a COMMIT of a transaction that has failed. */
    private static final TransactionCommand FAILED_END =
            new TransactionCommand(TransactionCommand.Kind.ROLLBACK, TransactionModes.UNSAID, -1);

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

    /** The status that the client sees if it has no server connection. */
    byte status() {
        return !held()
                ? Backend.IDLE
                : failed ? Backend.FAILED_TRANSACTION : Backend.IN_TRANSACTION;
    }

    /**
     * Answers a Query that only begins a transaction, says more of one, or ends it.
     *
     * @param total all bytes of the message, of which those from {@code at} to {@code end} are
     *     there
     * @return what to answer; null if a server is to
     */
    @Nullable TransactionCommand answers(ByteBuf in, int at, int end, long total) {
        if (total > end - at || total > LONGEST_COMMAND || total < SHORTEST_COMMAND) {
            return null;
        }
        int body = at + FrontendMessage.HEADER;
        if (!TransactionCommand.mayBegin(
                in.getByte(body), in.getByte(body + 1), in.getByte(body + 2))) {
            return null;
        }
        byte[] text = ByteBufUtil.getBytes(in, body, (int) total - 6);
        TransactionCommand command = TransactionCommand.read(text);
        if (command == null
                || !command.alone()
                || command.kind().begins() == held()
                || (failed && !command.kind().ends())) {
            return null;
        }
        if (command.kind().ends()) {
            boolean hadFailed = failed;
            clear();
            return hadFailed ? FAILED_END : command;
        }
        add(text, command);
        return command;
    }

    /** BEGIN, or what says more of it. */
    private void add(byte[] text, TransactionCommand command) {
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
