package dev.weir.deploy.acceptance;

import dev.weir.app.Weir;
import dev.weir.config.AdminConfig;
import dev.weir.config.AuthQueryConfig;
import dev.weir.config.ClientTlsConfig;
import dev.weir.config.DatabaseConfig;
import dev.weir.config.HttpConfig;
import dev.weir.config.LimitsConfig;
import dev.weir.config.ListenConfig;
import dev.weir.config.LoginConfig;
import dev.weir.config.PeeringConfig;
import dev.weir.config.PoolConfig;
import dev.weir.config.PoolOverrides;
import dev.weir.config.RouteConfig;
import dev.weir.config.Secret;
import dev.weir.config.ServerTlsConfig;
import dev.weir.config.ShareConfig;
import dev.weir.config.TcpConfig;
import dev.weir.config.TimeoutsConfig;
import dev.weir.config.UnixSocketConfig;
import dev.weir.config.UserConfig;
import dev.weir.config.WeirConfig;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What a Weir under test shall be like: small pools in transaction mode unless said. */
final class Proxy {
    private final int postgresPort;
    private final Map<String, UserConfig> users = new LinkedHashMap<>();
    private LoginConfig.AuthType authType = LoginConfig.AuthType.TRUST;
    private PoolConfig.Mode mode = PoolConfig.Mode.TRANSACTION;
    private ListenConfig.Transport transport = ListenConfig.Transport.AUTO;
    private int eventLoops = 2;
    private int poolSize = 2;
    private int maxClients = 1_000;
    private int maxPreparedStatements = 200;
    private int maxMessageSize = 0x3fff_ffff;
    private Duration queryWaitTimeout = Duration.ofSeconds(30);
    private Duration loginTimeout = Duration.ofSeconds(10);
    private Duration connectTimeout = Duration.ofSeconds(10);
    private Duration loginRetry = Duration.ofMillis(200);
    private Duration lifetime = Duration.ofHours(1);
    private ClientTlsConfig clientTls = ClientTlsConfig.NONE;
    private ServerTlsConfig serverTls = ServerTlsConfig.NONE;
    private PeeringConfig peering = PeeringConfig.NONE;
    private UnixSocketConfig unixSocket = UnixSocketConfig.NONE;
    private boolean sharedPort;
    private int port;
    private String host = "127.0.0.1";
    private AdminConfig admin = AdminConfig.DEFAULT;
    private TimeoutsConfig timeouts = TimeoutsConfig.NONE;
    private List<String> statefulFunctions = List.of();
    private final ProxyRouting routing = new ProxyRouting();
    private int httpPort;
    private @Nullable Integer readOnlyPort;
    private @Nullable String serverUser;
    private @Nullable String serverPassword;

    private Proxy(int postgresPort) {
        this.postgresPort = postgresPort;
    }

    /** A proxy in front of the PostgreSQL that listens on a port of 127.0.0.1. */
    static Proxy inFrontOf(int postgresPort) {
        return new Proxy(postgresPort);
    }

    Proxy mode(PoolConfig.Mode value) {
        mode = value;
        return this;
    }

    /** Listens on that port, 0 for any, together with whoever does so too. */
    Proxy sharedPort(int value) {
        port = value;
        sharedPort = true;
        return this;
    }

    Proxy transport(ListenConfig.Transport value) {
        transport = value;
        return this;
    }

    Proxy eventLoops(int value) {
        eventLoops = value;
        return this;
    }

    Proxy poolSize(int value) {
        poolSize = value;
        return this;
    }

    Proxy maxClients(int value) {
        maxClients = value;
        return this;
    }

    Proxy maxPreparedStatements(int value) {
        maxPreparedStatements = value;
        return this;
    }

    Proxy maxMessageSize(int value) {
        maxMessageSize = value;
        return this;
    }

    Proxy queryWaitTimeout(Duration value) {
        queryWaitTimeout = value;
        return this;
    }

    Proxy loginTimeout(Duration value) {
        loginTimeout = value;
        return this;
    }

    Proxy connectTimeout(Duration value) {
        connectTimeout = value;
        return this;
    }

    Proxy loginRetry(Duration value) {
        loginRetry = value;
        return this;
    }

    Proxy lifetime(Duration value) {
        lifetime = value;
        return this;
    }

    /** Who may order at the console, and who may only look. */
    Proxy operators(List<String> admins, List<String> watchers) {
        admin = new AdminConfig(admins, watchers, admin.statsPeriod(), admin.shutdownTimeout());
        return this;
    }

    Proxy timeouts(TimeoutsConfig value) {
        timeouts = value;
        return this;
    }

    Proxy authType(LoginConfig.AuthType value) {
        authType = value;
        return this;
    }

    Proxy clientTls(ClientTlsConfig value) {
        clientTls = value;
        return this;
    }

    Proxy serverTls(ServerTlsConfig value) {
        serverTls = value;
        return this;
    }

    /** Where clients on this host connect besides. */
    Proxy unixSocket(UnixSocketConfig value) {
        unixSocket = value;
        return this;
    }

    Proxy peering(PeeringConfig value) {
        peering = value;
        return this;
    }

    /** The port of its own; any free one unless said. */
    Proxy port(int value) {
        port = value;
        return this;
    }

    /** How PostgreSQL's host is named; 127.0.0.1 unless said. */
    Proxy host(String value) {
        host = value;
        return this;
    }

    /** A user that may log in; {@code password} may be PostgreSQL's verifier. */
    Proxy user(String name, String password) {
        return user(name, password, null);
    }

    Proxy user(String name, String password, @Nullable String passwordForServer) {
        users.put(
                name,
                new UserConfig(
                        name,
                        new Secret(password),
                        passwordForServer == null ? null : new Secret(passwordForServer)));
        return this;
    }

    /** Says where reads may go, and who takes the place of a primary that is gone. */
    Proxy routing(Consumer<ProxyRouting> settings) {
        settings.accept(routing);
        return this;
    }

    /** Functions that leave something behind in the session. */
    Proxy statefulFunctions(String... names) {
        statefulFunctions = List.of(names);
        return this;
    }

    /** Whoever the client is, PostgreSQL sees this role. */
    Proxy serverUser(String name, @Nullable String password) {
        serverUser = name;
        serverPassword = password;
        return this;
    }

    /** What the sessions of one user, who needs no password, ask of the routing. */
    Proxy usual(String user, RouteConfig value) {
        users.put(
                user,
                new UserConfig(user, null, null, ShareConfig.UNLIMITED, PoolOverrides.NONE, value));
        return this;
    }

    /** Has a page of metrics, on that port. */
    Proxy metrics(MetricsClient reader) {
        httpPort = reader.port();
        return this;
    }

    /** Has a port where nobody can write. */
    Proxy readOnlyPort() {
        readOnlyPort = 0;
        return this;
    }

    /** A user who cannot write, and needs no password. */
    Proxy reader(String user) {
        users.put(
                user,
                new UserConfig(
                        user,
                        null,
                        null,
                        ShareConfig.UNLIMITED,
                        PoolOverrides.NONE,
                        RouteConfig.NONE,
                        true));
        return this;
    }

    private Map<String, DatabaseConfig> databases(DatabaseConfig any) {
        if (!routing.hasReplicas()) {
            return Map.of(WeirConfig.ANY_DATABASE, any);
        }
        DatabaseConfig routed =
                new DatabaseConfig(
                        "postgres",
                        any.host(),
                        any.port(),
                        null,
                        any.user(),
                        any.password(),
                        any.authQuery(),
                        any.share(),
                        any.tls(),
                        any.pool(),
                        routing.config());
        return Map.of(WeirConfig.ANY_DATABASE, any, "postgres", routed);
    }

    Weir start() throws IOException {
        PoolConfig pool =
                new PoolConfig(
                        mode,
                        poolSize,
                        0,
                        0,
                        Duration.ofSeconds(5),
                        queryWaitTimeout,
                        Duration.ofMinutes(10),
                        lifetime,
                        Duration.ZERO,
                        connectTimeout,
                        loginRetry,
                        timeouts,
                        statefulFunctions);
        DatabaseConfig any =
                new DatabaseConfig(
                        WeirConfig.ANY_DATABASE,
                        host,
                        postgresPort,
                        null,
                        serverUser,
                        serverPassword == null ? null : new Secret(serverPassword),
                        AuthQueryConfig.NONE,
                        ShareConfig.UNLIMITED,
                        serverTls,
                        pool);
        return Weir.start(
                new WeirConfig(
                        new ListenConfig(
                                "127.0.0.1",
                                port,
                                readOnlyPort,
                                1024,
                                eventLoops,
                                transport,
                                sharedPort,
                                unixSocket,
                                null,
                                TcpConfig.DEFAULTS),
                        clientTls,
                        peering,
                        new HttpConfig("127.0.0.1", httpPort),
                        admin,
                        new LoginConfig(
                                authType,
                                loginTimeout,
                                Duration.ZERO,
                                AuthQueryConfig.NONE,
                                null,
                                null,
                                null),
                        new LimitsConfig(
                                maxClients,
                                maxMessageSize,
                                maxPreparedStatements,
                                1 << 20,
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(10)),
                        serverTls,
                        pool,
                        routing.rules(),
                        databases(any),
                        users));
    }
}
