package dev.weir.config;

import static dev.weir.config.Key.Change.RELOAD;
import static dev.weir.config.Key.Change.RESTART;

import java.time.Duration;
import java.util.List;

/** The part of the key table that says where operators look, and what they may do. */
final class OperatorKeys {
    static final Group<HttpConfig> HTTP = new Group<>("Where operators look");

    static final Key<HttpConfig, String> HTTP_ADDR =
            HTTP.key(
                    "http-addr",
                    Types.listenAddress(),
                    "127.0.0.1",
                    RESTART,
                    HttpConfig::addr,
                    "The address of the HTTP port; whoever reaches it may look.");
    static final Key<HttpConfig, Integer> HTTP_PORT =
            HTTP.key(
                    "http-port",
                    Types.integer(0, 65_535),
                    "6433",
                    RESTART,
                    HttpConfig::port,
                    "The port of /observe/health and /metrics; 0 is none.");
    static final Key<HttpConfig, String> OTLP_ENDPOINT =
            HTTP.key(
                    "otlp-endpoint",
                    Types.url(),
                    "",
                    RESTART,
                    HttpConfig::otlpEndpoint,
                    "Where metrics are pushed to by OTLP over HTTP, such as"
                            + " http://127.0.0.1:4318/v1/metrics.");
    static final Key<HttpConfig, Duration> OTLP_INTERVAL =
            HTTP.key(
                    "otlp-interval",
                    Types.duration(Duration.ofSeconds(1), Bounds.DAY),
                    "1m",
                    RESTART,
                    HttpConfig::otlpInterval,
                    "How often metrics are pushed there.");

    static final Group<AdminConfig> ADMIN = new Group<>("What operators may do");

    static final Key<AdminConfig, List<String>> ADMIN_USERS =
            ADMIN.key(
                    "admin-users",
                    Types.names("a list of users with commas between them"),
                    "",
                    RELOAD,
                    AdminConfig::adminUsers,
                    "Who may order anything on the console: the database `weir` of Weir itself.");
    static final Key<AdminConfig, List<String>> STATS_USERS =
            ADMIN.key(
                    "stats-users",
                    Types.names("a list of users with commas between them"),
                    "",
                    RELOAD,
                    AdminConfig::statsUsers,
                    "Who may look at what the console shows, and order nothing.");
    static final Key<AdminConfig, Duration> STATS_PERIOD =
            ADMIN.key(
                    "stats-period",
                    Types.duration(Duration.ofSeconds(1), Bounds.DAY),
                    "1m",
                    RELOAD,
                    AdminConfig::statsPeriod,
                    "The time over which the console's averages are taken.");
    static final Key<AdminConfig, Duration> SHUTDOWN_TIMEOUT =
            ADMIN.key(
                    "shutdown-timeout",
                    Types.duration(Duration.ZERO, Bounds.DAY),
                    "20s",
                    RELOAD,
                    AdminConfig::shutdownTimeout,
                    "How long transactions under way may take after SIGTERM; then they are cut"
                            + " off.");

    private OperatorKeys() {}
}
