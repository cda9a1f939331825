package dev.weir.config;

import dev.weir.balance.Rules;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.Map;

/** From the values of keys to the records that the rest of Weir sees. */
final class Records {
    private Records() {}

    static ListenConfig listen(Section values) {
        return new ListenConfig(
                values.get(Keys.LISTEN_ADDR),
                values.get(Keys.LISTEN_PORT),
                values.find(Keys.READ_ONLY_PORT),
                values.get(Keys.LISTEN_BACKLOG),
                values.get(Keys.EVENT_LOOPS),
                values.get(Keys.TRANSPORT),
                values.get(Keys.SO_REUSEPORT),
                new UnixSocketConfig(
                        values.find(Keys.UNIX_SOCKET_DIR), values.get(Keys.UNIX_SOCKET_MODE)),
                values.find(Keys.PROXY_PROTOCOL_FROM),
                new TcpConfig(
                        values.get(Keys.TCP_KEEPALIVE),
                        values.get(Keys.TCP_KEEPIDLE),
                        values.get(Keys.TCP_KEEPINTVL),
                        values.get(Keys.TCP_KEEPCNT),
                        values.get(Keys.TCP_USER_TIMEOUT)));
    }

    static ClientTlsConfig clientTls(Section section) {
        return new ClientTlsConfig(
                section.get(TlsKeys.CLIENT_SSLMODE),
                new TlsFiles(
                        section.find(TlsKeys.CLIENT_KEY_FILE),
                        section.find(TlsKeys.CLIENT_CERT_FILE),
                        section.find(TlsKeys.CLIENT_CA_FILE),
                        section.get(TlsKeys.CLIENT_PROTOCOLS),
                        section.get(TlsKeys.CLIENT_CIPHERS)));
    }

    static ServerTlsConfig serverTls(Section section) {
        return new ServerTlsConfig(
                section.get(TlsKeys.SERVER_SSLMODE),
                section.get(TlsKeys.SERVER_SSLNEGOTIATION),
                new TlsFiles(
                        section.inherited(TlsKeys.SERVER_KEY_FILE),
                        section.inherited(TlsKeys.SERVER_CERT_FILE),
                        section.inherited(TlsKeys.SERVER_CA_FILE),
                        section.get(TlsKeys.SERVER_PROTOCOLS),
                        section.get(TlsKeys.SERVER_CIPHERS)));
    }

    static PeeringConfig peering(Section top, Map<String, Section> entries) {
        Map<Integer, PeeringConfig.Peer> peers = new LinkedHashMap<>();
        entries.forEach((name, section) -> {
            String host = section.find(Keys.PEER_HOST);
            if (host != null) {
                peers.put(
                        Integer.valueOf(name),
                        new PeeringConfig.Peer(host, section.get(Keys.PEER_PORT)));
            }
        });
        return new PeeringConfig(top.get(Keys.PEER_ID), peers);
    }

    static HttpConfig http(Values values) {
        return new HttpConfig(
                values.get(Keys.HTTP_ADDR),
                values.get(Keys.HTTP_PORT),
                values.get(Keys.OTLP_ENDPOINT),
                values.get(Keys.OTLP_INTERVAL));
    }

    static AdminConfig admin(Values values) {
        return new AdminConfig(
                values.get(Keys.ADMIN_USERS),
                values.get(Keys.STATS_USERS),
                values.get(Keys.STATS_PERIOD),
                values.get(Keys.SHUTDOWN_TIMEOUT));
    }

    static LoginConfig login(Section section, @Nullable HbaConfig hba) {
        return new LoginConfig(
                section.get(Keys.AUTH_TYPE),
                section.get(Keys.CLIENT_LOGIN_TIMEOUT),
                section.get(Keys.FAILED_LOGIN_DELAY),
                authQuery(section),
                section.find(Keys.AUTH_HBA_FILE),
                section.find(Keys.AUTH_IDENT_FILE),
                hba);
    }

    static LimitsConfig limits(Values values) {
        return new LimitsConfig(
                values.get(Keys.MAX_CLIENT_CONN),
                values.get(Keys.MAX_MESSAGE_SIZE),
                values.get(Keys.MAX_PREPARED_STATEMENTS),
                values.get(Keys.MAX_STATEMENT_SIZE),
                values.get(Keys.CANCEL_WAIT_TIMEOUT),
                values.get(Keys.CLIENT_GONE_TIMEOUT),
                values.get(Keys.MAX_CLIENT_MEMORY),
                values.get(Keys.MAX_ACCEPT_RATE),
                values.get(Keys.MAX_SERVER_CONNECTIONS),
                values.get(Keys.MAX_ADDRESS_TRANSACTIONS),
                values.get(Keys.MAX_ADDRESS_CONCURRENT),
                databaseShare(values),
                new ShareConfig(
                        values.get(Keys.MAX_USER_CLIENT_CONNECTIONS),
                        values.get(Keys.MAX_USER_CONNECTIONS),
                        values.get(Keys.MAX_USER_TRANSACTIONS),
                        values.get(Keys.MAX_USER_CONCURRENT)));
    }

    private static ShareConfig databaseShare(Values values) {
        return new ShareConfig(
                values.get(Keys.MAX_DB_CLIENT_CONNECTIONS),
                values.get(Keys.MAX_DB_CONNECTIONS),
                values.get(Keys.MAX_DB_TRANSACTIONS),
                values.get(Keys.MAX_DB_CONCURRENT));
    }

    static PoolConfig pool(Values values) {
        return new PoolConfig(
                values.get(Keys.POOL_MODE),
                values.get(Keys.DEFAULT_POOL_SIZE),
                values.get(Keys.MIN_POOL_SIZE),
                values.get(Keys.RESERVE_POOL_SIZE),
                values.get(Keys.RESERVE_POOL_TIMEOUT),
                values.get(Keys.QUERY_WAIT_TIMEOUT),
                values.get(Keys.SERVER_IDLE_TIMEOUT),
                values.get(Keys.SERVER_LIFETIME),
                values.get(Keys.SERVER_LIFETIME_JITTER),
                values.get(Keys.SERVER_CONNECT_TIMEOUT),
                values.get(Keys.SERVER_LOGIN_RETRY),
                new TimeoutsConfig(
                        values.get(Keys.QUERY_TIMEOUT),
                        values.get(Keys.TRANSACTION_TIMEOUT),
                        values.get(Keys.IDLE_TRANSACTION_TIMEOUT),
                        values.get(Keys.CLIENT_IDLE_TIMEOUT),
                        values.get(Keys.CLIENT_STALL_TIMEOUT),
                        values.get(Keys.QUERY_WAIT_NOTIFY)),
                values.get(Keys.STATEFUL_FUNCTIONS));
    }

    static DatabaseConfig database(String name, Section section) {
        String host = section.find(Keys.HOST);
        if (host == null) {
            throw new IllegalStateException("a database without a host has passed the checks");
        }
        return new DatabaseConfig(
                name,
                host,
                section.get(Keys.PORT),
                section.find(Keys.DBNAME),
                section.find(Keys.USER),
                section.find(Keys.DATABASE_PASSWORD),
                authQuery(section),
                databaseShare(section),
                serverTls(section),
                pool(section),
                new RoutingConfig(
                        section.get(Keys.REPLICAS),
                        section.find(Keys.ROUTER_USER),
                        section.get(Keys.REPLICA_WAIT),
                        section.get(Keys.FAILOVER_WAIT),
                        section.find(Keys.SWITCHOVER_USER),
                        section.get(Keys.SWITCHOVER_WAIT),
                        section.find(Keys.SWITCHOVER_COMMAND),
                        section.find(Keys.DEMOTE_COMMAND),
                        new PromotionConfig(
                                section.get(Keys.PROMOTE), section.get(Keys.PROMOTE_AFTER)),
                        section.get(Keys.READ_ONLY_ON_PRIMARY),
                        new RouteConfig(section.get(Keys.ROUTE), section.get(Keys.MAX_LAG)),
                        replicas(section)));
    }

    /** How replicas are chosen. */
    static Rules replicas(Section section) {
        return new Rules(
                section.get(ReplicaKeys.ZONE),
                section.get(ReplicaKeys.SLOW_START),
                section.get(ReplicaKeys.REPLICA_TIMEOUT),
                section.get(ReplicaKeys.REPLICA_LAG_PREFER),
                section.get(ReplicaKeys.REPLICA_LAG_NEVER),
                section.get(ReplicaKeys.REPLICA_PAUSE));
    }

    private static AuthQueryConfig authQuery(Section section) {
        return new AuthQueryConfig(
                section.inherited(Keys.AUTH_USER),
                section.inherited(Keys.AUTH_QUERY),
                section.inherited(Keys.AUTH_DBNAME),
                section.get(Keys.AUTH_QUERY_CACHE_TIME));
    }

    /**
     * A user.
     *
     * @param usual what one user may have that does not say otherwise
     */
    static UserConfig user(String name, Section section, ShareConfig usual) {
        Integer clients = section.find(Keys.MAX_USER_CLIENT_CONNECTIONS);
        Integer servers = section.find(Keys.MAX_USER_CONNECTIONS);
        Integer transactions = section.find(Keys.MAX_USER_TRANSACTIONS);
        Integer concurrent = section.find(Keys.MAX_USER_CONCURRENT);
        return new UserConfig(
                name,
                section.find(Keys.USER_PASSWORD),
                section.find(Keys.SERVER_PASSWORD),
                new ShareConfig(
                        clients == null ? usual.maxClients() : clients,
                        servers == null ? usual.maxServers() : servers,
                        transactions == null ? usual.maxTransactions() : transactions,
                        concurrent == null ? usual.maxConcurrent() : concurrent),
                section.poolOverrides(),
                new RouteConfig(section.find(Keys.USER_ROUTE), section.find(Keys.USER_MAX_LAG)),
                Boolean.TRUE.equals(section.find(Keys.USER_READ_ONLY)));
    }
}
