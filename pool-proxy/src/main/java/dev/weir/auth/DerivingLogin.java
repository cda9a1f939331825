package dev.weir.auth;

import org.jspecify.annotations.Nullable;

import java.util.function.Supplier;

/** A login whose verifier must first be derived from the configured password: once per user. */
final class DerivingLogin implements ClientLogin {
    private final Supplier<ClientLogin> derivation;
    private @Nullable ClientLogin derived;

    DerivingLogin(Supplier<ClientLogin> derivation) {
        this.derivation = derivation;
    }

    @Override
    public boolean slow() {
        ClientLogin login = derived;
        return login == null || login.slow();
    }

    @Override
    public AuthStep start() {
        ClientLogin login = derivation.get();
        derived = login;
        return login.start();
    }

    @Override
    public AuthStep answer(byte[] passwordMessageBody) {
        ClientLogin login = derived;
        if (login == null) {
            throw new IllegalStateException("a login is answered before it is started");
        }
        return login.answer(passwordMessageBody);
    }
}
