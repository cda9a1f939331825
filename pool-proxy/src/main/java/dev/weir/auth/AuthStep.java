package dev.weir.auth;

import dev.weir.wire.SqlState;

import org.jspecify.annotations.Nullable;

/** What Weir says next to a client that logs in. */
@SuppressWarnings("ArrayRecordComponent") // carried to the wire, never compared
public sealed interface AuthStep {
    /**
     * Send an Authentication message, then expect a password message.
     *
     * @param code which Authentication message, manual section 54.7
     * @param body what follows the code
     */
    record Request(int code, byte[] body) implements AuthStep {}

    /**
     * The client has proved who it is.
     *
     * @param saslFinal if not null, the body of an AuthenticationSASLFinal to send before
     *     AuthenticationOk
     * @param credential what the client has proved to know, as far as PostgreSQL would take it as a
     *     proof too; null if it proved nothing
     */
    record Done(byte @Nullable [] saslFinal, @Nullable ServerCredential credential)
            implements AuthStep {}

    /**
     * Tell the client this as a FATAL error and close.
     *
     * @param reason what the operator may know and the client may not, for the log
     */
    record Refused(SqlState state, String message, String reason) implements AuthStep {
        /** A refusal that has nothing to hide. */
        public Refused(SqlState state, String message) {
            this(state, message, message);
        }

        /** The same to the client, and more to the operator. */
        Refused because(String detail) {
            return new Refused(state, message, detail);
        }
    }
}
