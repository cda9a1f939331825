package dev.weir.auth;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/**
 * What the server connections of one pool log in with: what the configuration says, or else what
 * its clients have proved to know. Any thread may use it.
 */
public final class ServerCredentials {
    private final boolean fixed;

    /** Set by logins, cleared when PostgreSQL refuses it; read by whoever opens a connection. */
    private @Nullable ServerCredential current;

    private ServerCredentials(boolean fixed, @Nullable ServerCredential current) {
        this.fixed = fixed;
        this.current = current;
    }

    /** As configured, whatever clients know. */
    public static ServerCredentials configured(@Nullable ServerCredential credential) {
        return new ServerCredentials(true, credential);
    }

    /** None until the first client has logged in. */
    public static ServerCredentials fromClients() {
        return new ServerCredentials(false, null);
    }

    /** Whether both stand for the same configuration; what clients have proved does not matter. */
    public boolean sameSource(ServerCredentials other) {
        return fixed == other.fixed && (!fixed || Objects.equals(current(), other.current()));
    }

    public synchronized @Nullable ServerCredential current() {
        return current;
    }

    /**
     * A client has proved that it knows this.
     *
     * @return whether it takes the place of another, or of none
     */
    public synchronized boolean proved(ServerCredential credential) {
        if (fixed || credential.equals(current)) {
            return false;
        }
        current = credential;
        return true;
    }

    /**
     * PostgreSQL has refused {@code used}, so that it is worth nothing any more: unless configured,
     * it is forgotten.
     *
     * @return whether a client has proved another one meanwhile, which is worth a try
     */
    public synchronized boolean refused(@Nullable ServerCredential used) {
        if (fixed) {
            return false;
        }
        if (used != null && used.equals(current)) {
            current = null;
        }
        return current != null;
    }
}
