package dev.weir.auth;

/** A login that is over before it begins. */
record RefusedLogin(AuthStep.Refused refused) implements ClientLogin {
    @Override
    public AuthStep start() {
        return refused;
    }

    @Override
    public AuthStep answer(byte[] passwordMessageBody) {
        return refused;
    }
}
