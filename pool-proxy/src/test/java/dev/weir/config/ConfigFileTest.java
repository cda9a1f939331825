package dev.weir.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What a file without mistakes becomes. */
class ConfigFileTest {
    private static final String VERIFIER =
            "SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0c2FsdA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    @Test
    void aFileWithOnlyADatabaseAndAUserHasDefaultsForTheRest() throws ConfigException {
        WeirConfig config =
                ConfigFile.parse(
                        "databases: { shop: { host: db } }\nusers: { app: { password: x } }",
                        "test");

        assertThat(config.listen())
                .isEqualTo(
                        new ListenConfig("127.0.0.1", 6432, 1024, 0, ListenConfig.Transport.AUTO));
        assertThat(config.http()).isEqualTo(new HttpConfig("127.0.0.1", 6433));
        assertThat(config.login())
                .isEqualTo(
                        new LoginConfig(LoginConfig.AuthType.SCRAM_SHA_256, Duration.ofMinutes(1)));
        assertThat(config.limits())
                .isEqualTo(
                        new LimitsConfig(
                                1000,
                                1 << 30,
                                200,
                                1 << 20,
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(10)));
        assertThat(config.pool().mode()).isEqualTo(PoolConfig.Mode.TRANSACTION);
        assertThat(config.pool().queryWaitTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(config.database("shop"))
                .isEqualTo(
                        new DatabaseConfig(
                                "shop",
                                "db",
                                5432,
                                null,
                                null,
                                null,
                                config.login().authQuery(),
                                ShareConfig.UNLIMITED,
                                config.serverTls(),
                                config.pool()));
        assertThat(config.clientTls()).isEqualTo(ClientTlsConfig.NONE);
        assertThat(config.serverTls())
                .isEqualTo(
                        new ServerTlsConfig(
                                TlsMode.PREFER,
                                ServerTlsConfig.Negotiation.POSTGRES,
                                TlsFiles.NONE));
        assertThat(config.users())
                .containsExactly(Map.entry("app", new UserConfig("app", new Secret("x"), null)));
    }

    @Test
    void aDatabaseTakesOverWhatItDoesNotSayAboutTls(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("ca.crt"), "");
        Files.writeString(folder.resolve("own.key"), "");
        Files.writeString(folder.resolve("own.crt"), "");
        Path file =
                Files.writeString(
                        folder.resolve("weir.yaml"),
                        """
                        client-tls-sslmode: allow
                        client-tls-key-file: own.key
                        client-tls-cert-file: own.crt
                        client-tls-protocols: tlsv1.3
                        server-tls-sslmode: verify-full
                        server-tls-ca-file: ca.crt
                        server-tls-ciphers: "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384"
                        databases:
                          plain: { host: h, server-tls-sslmode: disable }
                          direct: { host: h, server-tls-sslnegotiation: direct, server-tls-protocols: tlsv1.2 }
                        users: { app: { password: x } }
                        """);

        WeirConfig config = ConfigFile.load(file);

        assertThat(config.clientTls())
                .isEqualTo(
                        new ClientTlsConfig(
                                TlsMode.ALLOW,
                                new TlsFiles(
                                        folder.resolve("own.key"),
                                        folder.resolve("own.crt"),
                                        null,
                                        List.of(TlsProtocol.V1_3),
                                        List.of())));
        List<String> ciphers =
                List.of("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384");
        Path ca = folder.resolve("ca.crt");
        assertThat(config.databases().get("plain").tls())
                .isEqualTo(
                        new ServerTlsConfig(
                                TlsMode.DISABLE,
                                ServerTlsConfig.Negotiation.POSTGRES,
                                new TlsFiles(
                                        null,
                                        null,
                                        ca,
                                        List.of(TlsProtocol.V1_2, TlsProtocol.V1_3),
                                        ciphers)));
        assertThat(config.databases().get("direct").tls())
                .isEqualTo(
                        new ServerTlsConfig(
                                TlsMode.VERIFY_FULL,
                                ServerTlsConfig.Negotiation.DIRECT,
                                new TlsFiles(null, null, ca, List.of(TlsProtocol.V1_2), ciphers)));
        assertThat(
                        ConfigFile.parse(ConfigText.of(config).replace("'***'", "x"), "again")
                                .databases())
                .isEqualTo(config.databases());
    }

    @Test
    void everyKeyOfEveryKindIsRead() throws ConfigException {
        WeirConfig config =
                ConfigFile.parse(
                        """
                        listen-addr: "*"
                        listen-port: 0
                        listen-backlog: 77
                        event-loops: 3
                        transport: io_uring
                        http-addr: "::1"
                        http-port: 0
                        auth-type: md5
                        client-login-timeout: 500ms
                        max-client-conn: 5
                        max-message-size: 16MiB
                        max-prepared-statements: 6
                        max-statement-size: 64 KiB
                        cancel-wait-timeout: 7s
                        client-gone-timeout: 8s
                        pool-mode: session
                        default-pool-size: 9
                        min-pool-size: 1
                        reserve-pool-size: 2
                        reserve-pool-timeout: 3s
                        query-wait-timeout: 0
                        server-idle-timeout: 5m
                        server-lifetime: 1d
                        server-lifetime-jitter: 0s
                        server-connect-timeout: 2h
                        server-login-retry: 10s
                        query-timeout: 1s
                        transaction-timeout: 2s
                        idle-transaction-timeout: 3s
                        client-idle-timeout: 4s
                        client-stall-timeout: 5s
                        stateful-functions: set_tenant, Log_In
                        query-wait-notify: 6s
                        databases:
                          "*": { host: h, port: 1, dbname: d, user: 1234, password: no, pool-mode: statement }
                          42: { host: h2 }
                        users:
                          "a b": { password: %s, server-password: "p: w" }
                        """
                                .formatted(VERIFIER),
                        "test");

        PoolConfig pool =
                new PoolConfig(
                        PoolConfig.Mode.SESSION,
                        9,
                        1,
                        2,
                        Duration.ofSeconds(3),
                        Duration.ZERO,
                        Duration.ofMinutes(5),
                        Duration.ofDays(1),
                        Duration.ZERO,
                        Duration.ofHours(2),
                        Duration.ofSeconds(10),
                        new TimeoutsConfig(
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(2),
                                Duration.ofSeconds(3),
                                Duration.ofSeconds(4),
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(6)),
                        List.of("set_tenant", "log_in"));
        assertThat(config.listen())
                .isEqualTo(new ListenConfig("*", 0, 77, 3, ListenConfig.Transport.IO_URING));
        assertThat(config.http()).isEqualTo(new HttpConfig("::1", 0));
        assertThat(config.login())
                .isEqualTo(new LoginConfig(LoginConfig.AuthType.MD5, Duration.ofMillis(500)));
        assertThat(config.limits())
                .isEqualTo(
                        new LimitsConfig(
                                5,
                                16 << 20,
                                6,
                                64 << 10,
                                Duration.ofSeconds(7),
                                Duration.ofSeconds(8)));
        assertThat(config.pool()).isEqualTo(pool);
        DatabaseConfig any = config.databases().get("*");
        assertThat(any.user()).isEqualTo("1234");
        assertThat(any.password()).isEqualTo(new Secret("no"));
        assertThat(any.dbname()).isEqualTo("d");
        assertThat(any.pool().mode()).isEqualTo(PoolConfig.Mode.STATEMENT);
        assertThat(any.pool().defaultPoolSize()).isEqualTo(9);
        assertThat(config.databases().get("42").pool()).isEqualTo(pool);
        assertThat(config.users().get("a b"))
                .isEqualTo(new UserConfig("a b", new Secret(VERIFIER), new Secret("p: w")));
    }

    @Test
    void aUsersPoolSettingsOverrideThoseOfTheDatabaseThatItAsksFor() throws ConfigException {
        WeirConfig config =
                ConfigFile.parse(
                        """
                        default-pool-size: 10
                        databases:
                          shop: { host: h, default-pool-size: 20, query-wait-timeout: 7s }
                        users:
                          report: { password: x, default-pool-size: 2, pool-mode: session }
                          app: { password: x }
                        """,
                        "test");
        PoolConfig shop = config.databases().get("shop").pool();

        PoolConfig report = config.users().get("report").pool().applyTo(shop);

        assertThat(report.defaultPoolSize()).isEqualTo(2);
        assertThat(report.mode()).isEqualTo(PoolConfig.Mode.SESSION);
        assertThat(report.queryWaitTimeout()).isEqualTo(Duration.ofSeconds(7));
        assertThat(config.users().get("app").pool().applyTo(shop)).isSameAs(shop);
    }

    @Test
    void aValueMayComeFromTheEnvironmentAndIsOnlyText() throws ConfigException {
        Variables variables =
                new Variables(name ->
                        Map.of(
                                        "PORT", "7000",
                                        "PASSWORD", "a: [${PORT}] # b",
                                        "HOST", "db")
                                .get(name));

        WeirConfig config =
                new ConfigReader("test", Path.of(""), variables)
                        .read(
                                """
                                listen-port: ${PORT}
                                databases:
                                  shop: { host: "${HOST}.example.com" }
                                users:
                                  app: { password: "${PASSWORD}", server-password: "x$${PORT}$" }
                                """);

        assertThat(config.listen().port()).isEqualTo(7000);
        assertThat(config.databases().get("shop").host()).isEqualTo("db.example.com");
        assertThat(config.users().get("app"))
                .isEqualTo(
                        new UserConfig(
                                "app", new Secret("a: [${PORT}] # b"), new Secret("x${PORT}$")));
    }

    @Test
    void aSecretMayStandInAFileOfItsOwn(@TempDir Path folder) throws Exception {
        write(folder.resolve("server.txt"), "of the server\r\nsecond line\n");
        write(folder.resolve("app.txt"), " with blanks ");
        Path file = folder.resolve("weir.yaml");
        write(
                file,
                """
                databases:
                  shop: { host: h, user: u, password-file: server.txt }
                users:
                  app: { password-file: %s, server-password-file: server.txt }
                """
                        .formatted(folder.resolve("app.txt")));

        WeirConfig config = ConfigFile.load(file);

        assertThat(config.databases().get("shop").password())
                .isEqualTo(new Secret("of the server"));
        assertThat(config.users().get("app"))
                .isEqualTo(
                        new UserConfig(
                                "app", new Secret(" with blanks "), new Secret("of the server")));
    }

    @Test
    void theEffectiveConfigurationCanBeReadBackAndHidesSecrets() throws ConfigException {
        String text =
                """
                listen-addr: "*"
                auth-type: trust
                max-message-size: 1500B
                query-wait-timeout: 90s
                databases:
                  "*": { host: "::1", user: "a \\"b\\" #c", password: hunter2, default-pool-size: 3 }
                  "true": { host: h }
                users:
                  'o''brien': { password: hunter2, min-pool-size: 1 }
                  "- x": {}
                """;
        WeirConfig config = ConfigFile.parse(text, "test");

        String effective = ConfigText.of(config);

        assertThat(effective)
                .doesNotContain("hunter2")
                .startsWith(
                        """
                        listen-addr: "*"
                        listen-port: 6432
                        """)
                .contains("query-wait-timeout: 90s\n", "max-message-size: 1500B\n")
                .endsWith(
                        """
                        databases:
                          "*":
                            host: "::1"
                            port: 5432
                            user: "a \\"b\\" #c"
                            password: "********"
                            default-pool-size: 3
                          true:
                            host: h
                            port: 5432
                        users:
                          "- x": {}
                          "o'brien":
                            password: "********"
                            min-pool-size: 1
                        """);
        assertThat(ConfigText.of(ConfigFile.parse(effective, "again"))).isEqualTo(effective);
    }

    @Test
    void secretsDoNotAppearInTheTextFormOfTheConfiguration() throws ConfigException {
        WeirConfig config =
                ConfigFile.parse(
                        "databases: { shop: { host: db, user: u, password: hunter2 } }\nusers: { app: { password: hunter2, server-password: hunter2 } }",
                        "test");

        assertThat(config.toString()).doesNotContain("hunter2").contains("********");
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
    }
}
