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
     */
    record Done(byte @Nullable [] saslFinal) implements AuthStep {}

    /** Tell the client this as a FATAL error and close. */
    record Refused(SqlState state, String message) implements AuthStep {}
}
