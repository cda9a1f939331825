package dev.weir.deploy.local;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a local PostgreSQL shall be like. Threads: one. */
public final class LocalPostgresBuilder {
    private static final Set<String> AUTH_METHODS =
            Set.of("scram-sha-256", "md5", "password", "trust", "reject");
    private static final Set<String> OWN_SETTINGS =
            Set.of("port", "listen_addresses", "unix_socket_directories", "logging_collector");

    private Optional<Path> data = Optional.empty();
    private int port;
    private Credentials superuser = Credentials.DEFAULT;
    private String authMethod = "scram-sha-256";
    private final List<String> hba = new ArrayList<>();
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final Map<String, Path> files = new LinkedHashMap<>();
    private @Nullable PostgresInstallation installation;
    private Duration startTimeout = Duration.ofSeconds(60);
    private Optional<LocalPostgres> upstream = Optional.empty();

    LocalPostgresBuilder() {}

    /** One more like this, but for its folder and port. */
    LocalPostgresBuilder(PostgresSpec like) {
        superuser = like.superuser();
        authMethod = like.authMethod();
        hba.addAll(like.hba());
        settings.putAll(like.settings());
        files.putAll(like.files());
        installation = like.installation();
        startTimeout = like.startTimeout();
    }

    /**
     * A folder that is kept and used again by later starts: made if it is absent or empty, else one
     * that an earlier start made.
     */
    public LocalPostgresBuilder data(Path folder) {
        data = Optional.of(folder);
        return this;
    }

    /**
     * A folder that goes with the server, which is the default; it does not survive a power cut.
     */
    public LocalPostgresBuilder temporary() {
        data = Optional.empty();
        return this;
    }

    /**
     * The port on 127.0.0.1.
     *
     * @param number 1 to 65535, or 0, which is the default, for a free one
     */
    public LocalPostgresBuilder port(int number) {
        if (number < 0 || number > 65_535) {
            throw new IllegalArgumentException("A port is 0 to 65535, not " + number + ".");
        }
        port = number;
        return this;
    }

    /** The superuser; starting takes half a second longer with another than the default one. */
    public LocalPostgresBuilder superuser(String name, String password) {
        superuser = new Credentials(name, password);
        return this;
    }

    /** A setting of the server (manual 19), such as {@code max_connections}, {@code 200}. */
    public LocalPostgresBuilder setting(String name, String value) {
        if (OWN_SETTINGS.contains(name)) {
            throw new IllegalArgumentException("The setting " + name + " is this library's own.");
        }
        settings.put(name, value);
        return this;
    }

    /**
     * How all roles but the superuser log in, over TCP and the Unix-domain socket; {@code
     * scram-sha-256} unless said. With {@code md5} passwords are stored as MD5 too.
     *
     * @param method scram-sha-256, md5, password, trust or reject (manual 20.3)
     */
    public LocalPostgresBuilder authMethod(String method) {
        if (!AUTH_METHODS.contains(method)) {
            throw new IllegalArgumentException(
                    "The method must be one of " + AUTH_METHODS + ", not " + method + ".");
        }
        authMethod = method;
        return this;
    }

    /**
     * A line of pg_hba.conf (manual 20.1), such as {@code host all legacy 127.0.0.1/32 md5}, that
     * stands before that for all roles, and after the superuser's.
     */
    public LocalPostgresBuilder hba(String line) {
        if (line.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("One line at a time.");
        }
        hba.add(line);
        return this;
    }

    /**
     * Speaks TLS (manual 18.9) besides what it speaks without; {@link #hba} may ask for more.
     *
     * @param own the certificate that it shows
     * @param clients who may issue the certificates of clients
     */
    public LocalPostgresBuilder tls(LocalAuthority.Issued own, Path clients) {
        files.put("weir.server.key", own.keyFile());
        files.put("weir.server.crt", own.certFile());
        files.put("weir.clients.crt", clients);
        setting("ssl", "on");
        setting("ssl_key_file", "weir.server.key");
        setting("ssl_cert_file", "weir.server.crt");
        return setting("ssl_ca_file", "weir.clients.crt");
    }

    /** Other programs than those on the class path. */
    public LocalPostgresBuilder installation(PostgresInstallation programs) {
        installation = programs;
        return this;
    }

    /**
     * A streaming replica of this server, which must be running; see {@link LocalPostgres#replica}.
     */
    LocalPostgresBuilder upstream(LocalPostgres server) {
        upstream = Optional.of(server);
        return this;
    }

    /** How long a start may take, recovery included; 60 seconds unless said. */
    public LocalPostgresBuilder startTimeout(Duration timeout) {
        startTimeout = timeout;
        return this;
    }

    /**
     * Starts the server; returns once it accepts connections.
     *
     * @throws PortTakenException if the port is another process's
     * @throws LocalServerException if it cannot be started for another reason
     */
    public LocalPostgres start() {
        return LocalPostgres.start(
                new PostgresSpec(
                        installation == null ? PostgresInstallation.fromClassPath() : installation,
                        data.map(it -> it.toAbsolutePath().normalize()),
                        port,
                        superuser,
                        authMethod,
                        List.copyOf(hba),
                        Collections.unmodifiableMap(new LinkedHashMap<>(settings)),
                        Map.copyOf(files),
                        startTimeout,
                        upstream));
    }
}
