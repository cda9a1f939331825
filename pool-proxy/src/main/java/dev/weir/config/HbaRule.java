package dev.weir.config;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.util.List;

/**
 * A rule of pg_hba.conf (manual section 20.1).
 *
 * @param line where it stands, from 1
 * @param type over which kind of connection the client comes
 * @param databases one of which must fit
 * @param users one of which must fit
 * @param address where the client must be; null for {@link Type#LOCAL}
 * @param method what the client is asked for
 * @param map the ident map between certificates and roles; null if their names must be the same
 * @param clientCert what else the client's certificate must be
 */
public record HbaRule(
        int line,
        Type type,
        List<Name> databases,
        List<Name> users,
        @Nullable Address address,
        Method method,
        @Nullable String map,
        ClientCert clientCert) {
    public HbaRule {
        databases = List.copyOf(databases);
        users = List.copyOf(users);
    }

    /** The kind of connection. */
    public enum Type {
        /** A Unix-domain socket. */
        LOCAL,
        /** TCP, encrypted or not. */
        HOST,
        HOSTSSL,
        HOSTNOSSL
    }

    /** What a client is asked for. */
    public enum Method {
        TRUST,
        REJECT,
        PASSWORD,
        MD5,
        SCRAM_SHA_256,
        CERT
    }

    /** What a client's certificate must be, whatever the method. */
    public enum ClientCert {
        ANY,
        /** There must be one that a trusted authority has signed. */
        VERIFY_CA,
        /** It must also name the user. */
        VERIFY_FULL
    }

    /** Which databases or users are meant. */
    public sealed interface Name {
        record All() implements Name {}

        /** The database that has the user's name. */
        record SameUser() implements Name {}

        /** Replication connections, of which Weir has none. */
        record Replication() implements Name {}

        record Exact(String name) implements Name {}

        /** A regular expression that must be found in the name. */
        record Regex(String expression) implements Name {}
    }

    /** Where a client may be. */
    public sealed interface Address {
        record All() implements Address {}

        /** Any address of this machine. */
        record SameHost() implements Address {}

        /** Any address in a network that this machine is in. */
        record SameNet() implements Address {}

        /** The addresses that equal {@code base} where {@code mask} has ones. */
        record Network(InetAddress base, InetAddress mask) implements Address {
            public boolean contains(InetAddress address) {
                byte[] ones = mask.getAddress();
                byte[] wanted = base.getAddress();
                byte[] actual = address.getAddress();
                boolean same = actual.length == wanted.length;
                for (int i = 0; same && i < ones.length; i++) {
                    same = ((actual[i] ^ wanted[i]) & ones[i]) == 0;
                }
                return same;
            }
        }
    }
}
