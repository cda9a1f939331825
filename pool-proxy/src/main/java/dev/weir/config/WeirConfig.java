package dev.weir.config;

import dev.weir.balance.Rules;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/**
 * The whole configuration of one Weir process. Immutable, so that a reload is one swap of a
 * reference.
 *
 * @param listen where clients connect
 * @param clientTls TLS with clients
 * @param peering the other Weir processes behind the same address
 * @param http where operators look
 * @param admin what operators may do, and how Weir ends
 * @param login how clients prove who they are
 * @param limits what one process may hold
 * @param serverTls TLS with PostgreSQL, as a database inherits it
 * @param pool the pool settings that a database inherits
 * @param replicas how replicas are chosen, as a database inherits it
 * @param databases by the name that clients ask for; {@code "*"} stands for every other name
 * @param users by name
 */
public record WeirConfig(
        ListenConfig listen,
        ClientTlsConfig clientTls,
        PeeringConfig peering,
        HttpConfig http,
        AdminConfig admin,
        LoginConfig login,
        LimitsConfig limits,
        ServerTlsConfig serverTls,
        PoolConfig pool,
        Rules replicas,
        Map<String, DatabaseConfig> databases,
        Map<String, UserConfig> users) {
    /** The names of the database that Weir answers for itself; the second is PgBouncer's. */
    public static final List<String> OWN_DATABASES = List.of("weir", "pgbouncer");

    /** The name under which a database entry answers for all names that have no entry. */
    public static final String ANY_DATABASE = "*";

    public WeirConfig {
        databases = Map.copyOf(databases);
        users = Map.copyOf(users);
    }

    /** Whether clients, PostgreSQL or peers are met at Unix-domain sockets. */
    public boolean usesUnixSockets() {
        return listen.unixSocket().folder() != null
                || databases.values().stream().anyMatch(DatabaseConfig::isLocal)
                || peering.peers().values().stream().anyMatch(it -> it.host().startsWith("/"));
    }

    /**
     * This configuration as far as a process that runs under {@code running} can take it over: what
     * is bound to the life of the process stays as it is there.
     */
    public WeirConfig under(WeirConfig running) {
        return new WeirConfig(
                running.listen,
                clientTls,
                new PeeringConfig(running.peering.id(), peering.peers()),
                running.http,
                admin,
                login,
                limits,
                serverTls,
                pool,
                replicas,
                databases,
                users);
    }

    /**
     * The database that a client means by {@code name}.
     *
     * @return null if neither the name nor {@code "*"} is configured
     */
    public @Nullable DatabaseConfig database(String name) {
        DatabaseConfig exact = databases.get(name);
        if (exact != null) {
            return exact;
        }
        DatabaseConfig any = databases.get(ANY_DATABASE);
        return any == null ? null : any.named(name);
    }

    /** What Weir logs in to PostgreSQL with as this user; null if that is not configured. */
    public @Nullable Secret serverPassword(String user) {
        UserConfig known = users.get(user);
        if (known == null) {
            return null;
        }
        return known.serverPassword() != null ? known.serverPassword() : known.password();
    }

    /** What a user may have, be it configured or not. */
    public ShareConfig userShare(String user) {
        UserConfig known = users.get(user);
        return known == null ? limits.userShare() : known.share();
    }

    /** How the pool of that pair behaves. */
    public PoolConfig pool(DatabaseConfig database, String user) {
        UserConfig known = users.get(user);
        return known == null ? database.pool() : known.pool().applyTo(database.pool());
    }

    /** What a user wants of the routing, where that is not what the database says. */
    public RouteConfig routing(String user) {
        UserConfig known = users.get(user);
        return known == null ? RouteConfig.NONE : known.routing();
    }

    /** Whether a user's sessions must not write. */
    public boolean readOnly(String user) {
        UserConfig known = users.get(user);
        return known != null && known.readOnly();
    }
}
