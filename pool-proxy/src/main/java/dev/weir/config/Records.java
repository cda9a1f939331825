package dev.weir.config;

import dev.weir.balance.Rules;
import dev.weir.discovery.Search;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.Map;

/** From the values of keys to the records that the rest of Weir sees. */
final class Records {
    private Records() {}

    static ListenConfig listen(Section values) {
        return new ListenConfig(
                values.get(ListenKeys.LISTEN_ADDR),
                values.get(ListenKeys.LISTEN_PORT),
                values.find(ListenKeys.READ_ONLY_PORT),
                values.get(ListenKeys.LISTEN_BACKLOG),
                values.get(ListenKeys.EVENT_LOOPS),
                values.get(ListenKeys.TRANSPORT),
                values.get(ListenKeys.SO_REUSEPORT),
                new UnixSocketConfig(
                        values.find(ListenKeys.UNIX_SOCKET_DIR),
                        values.get(ListenKeys.UNIX_SOCKET_MODE)),
                values.find(ListenKeys.PROXY_PROTOCOL_FROM),
                new TcpConfig(
                        values.get(ListenKeys.TCP_KEEPALIVE),
                        values.get(ListenKeys.TCP_KEEPIDLE),
                        values.get(ListenKeys.TCP_KEEPINTVL),
                        values.get(ListenKeys.TCP_KEEPCNT),
                        values.get(ListenKeys.TCP_USER_TIMEOUT)));
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
            String host = section.find(PeerKeys.PEER_HOST);
            if (host != null) {
                peers.put(
                        Integer.valueOf(name),
                        new PeeringConfig.Peer(host, section.get(PeerKeys.PEER_PORT)));
            }
        });
        return new PeeringConfig(top.get(PeerKeys.PEER_ID), peers);
    }

    static HttpConfig http(Values values) {
        return new HttpConfig(
                values.get(OperatorKeys.HTTP_ADDR),
                values.get(OperatorKeys.HTTP_PORT),
                values.get(OperatorKeys.OTLP_ENDPOINT),
                values.get(OperatorKeys.OTLP_INTERVAL));
    }

    static AdminConfig admin(Values values) {
        return new AdminConfig(
                values.get(OperatorKeys.ADMIN_USERS),
                values.get(OperatorKeys.STATS_USERS),
                values.get(OperatorKeys.STATS_PERIOD),
                values.get(OperatorKeys.SHUTDOWN_TIMEOUT));
    }

    static LoginConfig login(Section section, @Nullable HbaConfig hba) {
        return new LoginConfig(
                section.get(LoginKeys.AUTH_TYPE),
                section.get(LoginKeys.CLIENT_LOGIN_TIMEOUT),
                section.get(LoginKeys.FAILED_LOGIN_DELAY),
                authQuery(section),
                section.find(LoginKeys.AUTH_HBA_FILE),
                section.find(LoginKeys.AUTH_IDENT_FILE),
                hba);
    }

    static LimitsConfig limits(Values values) {
        return new LimitsConfig(
                values.get(LimitKeys.MAX_CLIENT_CONN),
                values.get(LimitKeys.MAX_MESSAGE_SIZE),
                values.get(LimitKeys.MAX_PREPARED_STATEMENTS),
                values.get(LimitKeys.MAX_STATEMENT_SIZE),
                values.get(LimitKeys.CANCEL_WAIT_TIMEOUT),
                values.get(LimitKeys.CLIENT_GONE_TIMEOUT),
                values.get(LimitKeys.MAX_CLIENT_MEMORY),
                values.get(LimitKeys.MAX_ACCEPT_RATE),
                values.get(LimitKeys.MAX_SERVER_CONNECTIONS),
                values.get(LimitKeys.MAX_ADDRESS_TRANSACTIONS),
                values.get(LimitKeys.MAX_ADDRESS_CONCURRENT),
                databaseShare(values),
                new ShareConfig(
                        values.get(LimitKeys.MAX_USER_CLIENT_CONNECTIONS),
                        values.get(LimitKeys.MAX_USER_CONNECTIONS),
                        values.get(LimitKeys.MAX_USER_TRANSACTIONS),
                        values.get(LimitKeys.MAX_USER_CONCURRENT)));
    }

    private static ShareConfig databaseShare(Values values) {
        return new ShareConfig(
                values.get(LimitKeys.MAX_DB_CLIENT_CONNECTIONS),
                values.get(LimitKeys.MAX_DB_CONNECTIONS),
                values.get(LimitKeys.MAX_DB_TRANSACTIONS),
                values.get(LimitKeys.MAX_DB_CONCURRENT));
    }

    static PoolConfig pool(Values values) {
        return new PoolConfig(
                values.get(PoolKeys.POOL_MODE),
                values.get(PoolKeys.DEFAULT_POOL_SIZE),
                values.get(PoolKeys.MIN_POOL_SIZE),
                values.get(PoolKeys.RESERVE_POOL_SIZE),
                values.get(PoolKeys.RESERVE_POOL_TIMEOUT),
                values.get(PoolKeys.QUERY_WAIT_TIMEOUT),
                values.get(PoolKeys.SERVER_IDLE_TIMEOUT),
                values.get(PoolKeys.SERVER_LIFETIME),
                values.get(PoolKeys.SERVER_LIFETIME_JITTER),
                values.get(PoolKeys.SERVER_CONNECT_TIMEOUT),
                values.get(PoolKeys.SERVER_LOGIN_RETRY),
                new TimeoutsConfig(
                        values.get(PoolKeys.QUERY_TIMEOUT),
                        values.get(PoolKeys.TRANSACTION_TIMEOUT),
                        values.get(PoolKeys.IDLE_TRANSACTION_TIMEOUT),
                        values.get(PoolKeys.CLIENT_IDLE_TIMEOUT),
                        values.get(PoolKeys.CLIENT_STALL_TIMEOUT),
                        values.get(PoolKeys.QUERY_WAIT_NOTIFY)),
                values.get(PoolKeys.STATEFUL_FUNCTIONS));
    }

    static DatabaseConfig database(String name, Section section) {
        String host = section.find(DatabaseKeys.HOST);
        if (host == null) {
            throw new IllegalStateException("a database without a host has passed the checks");
        }
        return new DatabaseConfig(
                name,
                host,
                section.get(DatabaseKeys.PORT),
                section.find(DatabaseKeys.DBNAME),
                section.find(DatabaseKeys.USER),
                section.find(DatabaseKeys.DATABASE_PASSWORD),
                authQuery(section),
                databaseShare(section),
                serverTls(section),
                pool(section),
                new RoutingConfig(
                        section.get(DatabaseKeys.REPLICAS),
                        section.find(DatabaseKeys.ROUTER_USER),
                        section.get(DatabaseKeys.REPLICA_WAIT),
                        section.get(DatabaseKeys.FAILOVER_WAIT),
                        section.find(DatabaseKeys.SWITCHOVER_USER),
                        section.get(DatabaseKeys.SWITCHOVER_WAIT),
                        section.find(DatabaseKeys.SWITCHOVER_COMMAND),
                        section.find(DatabaseKeys.DEMOTE_COMMAND),
                        new PromotionConfig(
                                section.get(DatabaseKeys.PROMOTE),
                                section.get(DatabaseKeys.PROMOTE_AFTER)),
                        section.get(DatabaseKeys.READ_ONLY_ON_PRIMARY),
                        new RouteConfig(
                                section.get(DatabaseKeys.ROUTE), section.get(DatabaseKeys.MAX_LAG)),
                        replicas(section),
                        search(section)));
    }

    /** How replicas are found that are not listed. */
    private static Search search(Section section) {
        Integer port = section.find(DatabaseKeys.REPLICA_PORT);
        return new Search(
                section.get(DatabaseKeys.REPLICAS_FROM_DNS),
                section.get(DatabaseKeys.REPLICAS_FROM_PRIMARY),
                port == null ? section.get(DatabaseKeys.PORT) : port,
                section.get(DatabaseKeys.DISCOVERY_INTERVAL));
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
                section.inherited(LoginKeys.AUTH_USER),
                section.inherited(LoginKeys.AUTH_QUERY),
                section.inherited(LoginKeys.AUTH_DBNAME),
                section.get(LoginKeys.AUTH_QUERY_CACHE_TIME));
    }

    /**
     * A user.
     *
     * @param usual what one user may have that does not say otherwise
     */
    static UserConfig user(String name, Section section, ShareConfig usual) {
        Integer clients = section.find(LimitKeys.MAX_USER_CLIENT_CONNECTIONS);
        Integer servers = section.find(LimitKeys.MAX_USER_CONNECTIONS);
        Integer transactions = section.find(LimitKeys.MAX_USER_TRANSACTIONS);
        Integer concurrent = section.find(LimitKeys.MAX_USER_CONCURRENT);
        return new UserConfig(
                name,
                section.find(UserKeys.USER_PASSWORD),
                section.find(UserKeys.SERVER_PASSWORD),
                new ShareConfig(
                        clients == null ? usual.maxClients() : clients,
                        servers == null ? usual.maxServers() : servers,
                        transactions == null ? usual.maxTransactions() : transactions,
                        concurrent == null ? usual.maxConcurrent() : concurrent),
                section.poolOverrides(),
                new RouteConfig(
                        section.find(UserKeys.USER_ROUTE), section.find(UserKeys.USER_MAX_LAG)),
                Boolean.TRUE.equals(section.find(UserKeys.USER_READ_ONLY)));
    }
}
