package dev.weir.auth;

import dev.weir.wire.SqlState;

/** What Weir does next when it logs in to PostgreSQL. */
@SuppressWarnings("ArrayRecordComponent") // carried to the wire, never compared
public sealed interface ServerStep {
    /** Send a password message with this body. */
    record Answer(byte[] body) implements ServerStep {}

    /** Nothing to send; the next message will tell. */
    record Wait() implements ServerStep {}

    /** PostgreSQL has accepted, and has proved itself where the method has it do so. */
    record Done() implements ServerStep {}

    /** The login cannot go on. */
    record Failed(SqlState state, String message) implements ServerStep {}
}
