package dev.weir.auth;

import dev.weir.config.DatabaseConfig;
import dev.weir.wire.SqlState;

import org.jspecify.annotations.Nullable;

import java.util.function.Function;

/** A login of a user whose password must first be looked up. */
final class LookedUpLogin implements ClientLogin {
    private final SecretLookup lookup;
    private final Applicant applicant;
    private final DatabaseConfig place;
    private final Function<@Nullable StoredSecret, ClientLogin> next;
    private @Nullable ClientLogin found;

    /**
     * Looks up when it starts.
     *
     * @param next the login for what was found, if anything
     */
    LookedUpLogin(
            SecretLookup lookup,
            Applicant applicant,
            DatabaseConfig place,
            Function<@Nullable StoredSecret, ClientLogin> next) {
        this.lookup = lookup;
        this.applicant = applicant;
        this.place = place;
        this.next = next;
    }

    @Override
    public boolean slow() {
        ClientLogin login = found;
        return login == null || login.slow();
    }

    @Override
    public AuthStep start() {
        try {
            ClientLogin login = next.apply(lookup.find(place, applicant.user()));
            found = login;
            return login.start();
        } catch (SecretLookup.LookupException e) {
            return new AuthStep.Refused(
                    SqlState.CANNOT_CONNECT_NOW,
                    "The password of user \"%s\" could not be looked up for database \"%s\": Weir's log tells why."
                            .formatted(applicant.user(), applicant.database()),
                    "auth-query: " + e.getMessage());
        }
    }

    @Override
    public AuthStep answer(byte[] passwordMessageBody) {
        ClientLogin login = found;
        if (login == null) {
            throw new IllegalStateException("a login is answered before it is started");
        }
        AuthStep step = login.answer(passwordMessageBody);
        if (step instanceof AuthStep.Refused refused
                && refused.state() == SqlState.INVALID_PASSWORD) {
            lookup.doubt(applicant.database(), applicant.user());
        }
        return step;
    }
}
