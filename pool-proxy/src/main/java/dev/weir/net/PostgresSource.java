package dev.weir.net;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

import dev.weir.config.Secret;
import dev.weir.config.ServerTlsConfig;

import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * Connections of Weir's own to PostgreSQL by JDBC, which go the way that server connections go. For
 * threads that may block.
 */
public final class PostgresSource {
    private PostgresSource() {}

    /**
     * Where, as whom and how.
     *
     * @param host IP address or host name, or the folder of a Unix-domain socket
     * @param password null if none is asked for
     */
    public record Account(
            String host,
            int port,
            String database,
            String user,
            @Nullable Secret password,
            ServerTlsConfig tls) {}

    /**
     * A source without a pool.
     *
     * @param name as PostgreSQL shows it
     * @param patience for the connection, and for each answer; in whole seconds, at least one
     */
    public static PGSimpleDataSource simple(Account account, String name, Duration patience) {
        int seconds = Math.toIntExact(Math.max(1, patience.toSeconds()));
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setPortNumbers(new int[] {account.port()});
        if (account.host().startsWith("/")) {
            source.setServerNames(new String[] {"127.0.0.1"}); // pgjdbc wants one
            source.setSocketFactory(UnixSocketFactory.class.getName());
            source.setSocketFactoryArg(UnixSocketFactory.argument(account.host(), account.port()));
            source.setSslMode("disable");
        } else {
            source.setServerNames(new String[] {account.host()});
            encrypt(source, account.tls());
        }
        source.setDatabaseName(account.database());
        source.setUser(account.user());
        Secret password = account.password();
        source.setPassword(password == null ? null : password.value());
        source.setApplicationName(name);
        source.setConnectTimeout(seconds);
        source.setSocketTimeout(seconds);
        return source;
    }

    private static void encrypt(PGSimpleDataSource source, ServerTlsConfig tls) {
        source.setSslMode(tls.sslmode().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        if (tls.negotiation() == ServerTlsConfig.Negotiation.DIRECT) {
            source.setSslNegotiation("direct");
        }
        Path authority = tls.files().caFile();
        if (authority != null) {
            source.setSslRootCert(authority.toString());
        }
        Path key = tls.files().keyFile();
        Path certificate = tls.files().certFile();
        if (key != null && certificate != null) {
            source.setSslKey(key.toString());
            source.setSslCert(certificate.toString());
        }
    }

    /**
     * A small pool over a source. It connects when it is first asked.
     *
     * @param name for its log and threads
     * @param size connections at most
     * @param patience until a connection is there
     */
    public static HikariDataSource pooled(
            PGSimpleDataSource source, String name, int size, Duration patience) {
        HikariConfig pool = new HikariConfig();
        pool.setPoolName(name);
        pool.setDataSource(source);
        pool.setMaximumPoolSize(size);
        pool.setMinimumIdle(0);
        pool.setIdleTimeout(Duration.ofSeconds(30).toMillis());
        pool.setConnectionTimeout(Math.max(250, patience.toMillis()));
        pool.setInitializationFailTimeout(-1);
        pool.setThreadFactory(Thread.ofVirtual().name(name + "-", 0).factory());
        return new HikariDataSource(pool);
    }
}
