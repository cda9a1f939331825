package dev.weir.auth;

import dev.weir.wire.SqlState;

/** Takes the client's word. PostgreSQL itself refuses a role that does not exist. */
enum TrustLogin implements ClientLogin {
    INSTANCE;

    @Override
    public AuthStep start() {
        return new AuthStep.Done(null, null);
    }

    @Override
    public AuthStep answer(byte[] body) {
        return new AuthStep.Refused(
                SqlState.PROTOCOL_VIOLATION, "a password was sent and none was asked for");
    }
}
