package dev.weir.config;

import java.util.List;

/**
 * The key table. Parsing, the sample file, the reference page and the printed configuration all
 * come from here: a new setting is one entry, in the part of the table that is about its topic, and
 * a component of the record that its users see.
 */
final class Keys {
    /** The map of databases, by the name that clients ask for; {@link DatabaseKeys}. */
    static final String DATABASES = "databases";

    /** The map of users, by name; {@link UserKeys}. */
    static final String USERS = "users";

    /** The map of other processes, by number; {@link PeerKeys}. */
    static final String PEERS = "peers";

    /** The groups whose keys stand at the top level, in the order of the sample file. */
    static final List<Group<?>> TOP_LEVEL =
            List.of(
                    ListenKeys.LISTEN,
                    ListenKeys.TCP,
                    TlsKeys.CLIENT,
                    PeerKeys.PEERING,
                    OperatorKeys.HTTP,
                    OperatorKeys.ADMIN,
                    LoginKeys.LOGIN,
                    LoginKeys.AUTH_QUERIES,
                    LimitKeys.LIMITS,
                    LimitKeys.DATABASE_SHARE,
                    LimitKeys.USER_SHARE,
                    TlsKeys.SERVER,
                    PoolKeys.POOL,
                    ReplicaKeys.REPLICA);

    private Keys() {}
}
