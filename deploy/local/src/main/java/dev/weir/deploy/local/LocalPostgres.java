package dev.weir.deploy.local;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A real PostgreSQL primary on 127.0.0.1, without Docker and without anything installed.
 *
 * <p>It leaves no process and no file behind: not after {@link #close}, not when the JVM ends, and
 * after a kill -9 of the JVM only until the next start of any local server, which finds and removes
 * what dead JVMs left. Only a data folder that was given is kept.
 *
 * <p>Threads: any; starting and stopping are done one after the other.
 */
public final class LocalPostgres implements AutoCloseable {
    private static final Duration FAST_PATIENCE = Duration.ofSeconds(30);
    private static final Duration IMMEDIATE_PATIENCE = Duration.ofSeconds(10);

    /** Written under {@link #lifecycle}, when it gets another upstream; read by any thread. */
    private volatile PostgresSpec spec;

    private final ReentrantLock lifecycle = new ReentrantLock();
    private final Path scratch;

    /** Set by the first start, whose port all others keep; read by any thread. */
    private volatile int port;

    /** Written under {@link #lifecycle}; read by any thread. */
    private volatile @Nullable ServerProcess process;

    private volatile @Nullable DataFolder folder;
    private volatile boolean closed;

    private LocalPostgres(PostgresSpec spec) {
        this.spec = spec;
        this.port = spec.port();
        this.scratch = ScratchFolder.create();
    }

    /** A server with a temporary folder, a free port and {@link Credentials#DEFAULT}. */
    public static LocalPostgresBuilder builder() {
        return new LocalPostgresBuilder();
    }

    /**
     * Ends the server that a killed program has left in a data folder, which is not to be started
     * now; does nothing if there is none, or the folder is none of Weir's.
     *
     * @throws LocalServerException if the program that started it is alive
     */
    public static void endLeftOver(Path data) {
        if (DataFolder.isKnown(data)) {
            DataFolder.endLeftOver(data);
        }
    }

    static LocalPostgres start(PostgresSpec spec) {
        ScratchFolder.sweep();
        LocalPostgres postgres = new LocalPostgres(spec);
        try {
            LiveServers.add(postgres);
            if (spec.upstream().isPresent()) {
                postgres.rejoin(spec.upstream().get());
            } else {
                postgres.start();
            }
            return postgres;
        } catch (RuntimeException | Error e) {
            try {
                postgres.close();
            } catch (RuntimeException closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    /**
     * Starts the server again, on the same port and data, after {@link #stop}, {@link
     * #stopImmediate} or {@link #kill9}, or after it crashed; returns once it accepts connections.
     *
     * @throws PortTakenException if the port was taken in the meantime
     * @throws LocalServerException if it is running or closed, or does not start
     */
    public void start() {
        lifecycle.lock();
        try {
            if (closed) {
                throw new LocalServerException("This local PostgreSQL is closed: build another.");
            }
            if (running()) {
                throw new LocalServerException("PostgreSQL is running on port " + port + ".");
            }
            DataFolder data = prepare();
            folder = data;
            PostgresLauncher launcher =
                    new PostgresLauncher(spec, data, socketFolder(), Ports::free);
            PostgresLauncher.Started started = launcher.launch(port);
            process = started.process();
            port = started.port();
        } finally {
            lifecycle.unlock();
        }
    }

    /** The port it listens on, 1 to 65535; the same over all starts. */
    public int port() {
        return port;
    }

    /** The superuser, who may always log in with SCRAM whatever the other roles' method is. */
    public Credentials superuser() {
        return spec.superuser();
    }

    /** A JDBC URL without a password. */
    public String jdbcUrl(String database, String user) {
        return "jdbc:postgresql://"
                + Ports.LOOPBACK
                + ":"
                + port
                + "/"
                + encode(database)
                + "?user="
                + encode(user);
    }

    /** A JDBC URL that needs nothing more. */
    public String jdbcUrl(String database, Credentials role) {
        return jdbcUrl(database, role.name()) + "&password=" + encode(role.password());
    }

    /** The folder of the Unix-domain socket {@code .s.PGSQL.PORT}, while it runs. */
    public Path socketFolder() {
        return scratch.resolve("socket");
    }

    /** The data folder. */
    public Path data() {
        return spec.data().orElseGet(() -> ScratchFolder.data(scratch));
    }

    /** Whether the server runs, paused or not. */
    public boolean running() {
        ServerProcess current = process;
        return current != null && current.alive();
    }

    /** The ids of the server's processes, the postmaster's first; empty if it does not run. */
    public List<Long> pids() {
        ServerProcess current = process;
        return current == null ? List.of() : current.pids();
    }

    /**
     * All that the server has logged, over all starts of this data folder; empty before the first.
     */
    public String log() {
        DataFolder data = folder;
        return data == null ? "" : ServerLog.read(data.log(), 0);
    }

    /**
     * A streaming replica of this server, to be started, with the same programs, superuser, ways to
     * log in and settings, and a folder and port of its own.
     */
    public LocalPostgresBuilder replica() {
        return new LocalPostgresBuilder(spec).upstream(this);
    }

    /** What it does as a replica. */
    public Replication replication() {
        return new Replication(this);
    }

    /** For {@code primary_conninfo} of a replica (manual 19.6.3). */
    String replicationConnection() {
        return "host=%s port=%d user='%s' password='%s'"
                .formatted(
                        Ports.LOOPBACK,
                        port,
                        quoted(superuser().name()),
                        quoted(superuser().password()));
    }

    /** Inside a value of a connection string (manual 32.1.1.1). */
    private static String quoted(String value) {
        return value.replace("\\", "\\\\").replace("'", "\\'");
    }

    /**
     * Makes it a replica of another server, whatever it was: what it has beyond that server's data
     * is lost, and all is copied anew if nothing else helps. Its port stays. Returns once it
     * accepts connections.
     */
    public void rejoin(LocalPostgres primary) {
        lifecycle.lock();
        try {
            // Not in order: the WAL of that could part it from the other one.
            stopImmediate();
            spec = spec.withUpstream(primary);
            new Rejoin(this, spec.installation(), primary).run();
        } catch (IOException e) {
            throw new LocalServerException("The folder " + data() + " cannot be used: " + e, e);
        } finally {
            lifecycle.unlock();
        }
    }

    /**
     * Opens a connection as the superuser.
     *
     * @throws LocalServerException if that fails
     */
    public Connection connect(String database) {
        try {
            return DriverManager.getConnection(
                    jdbcUrl(database, superuser())
                            + "&connectTimeout=10&ApplicationName=weir-local");
        } catch (SQLException e) {
            throw new LocalServerException(
                    "The superuser "
                            + superuser().name()
                            + " cannot log in to "
                            + database
                            + " on port "
                            + port
                            + ": "
                            + e.getMessage()
                            + ". A data folder keeps the superuser and password that it was made with.",
                    e);
        }
    }

    /** Runs SQL as the superuser in the database {@code postgres}. */
    public void execute(String sql) {
        execute("postgres", sql);
    }

    /**
     * Runs SQL, of one statement or several, as the superuser on a connection of its own.
     *
     * @throws LocalServerException if it fails
     */
    public void execute(String database, String sql) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new LocalServerException(
                    "`" + sql + "` failed in the database " + database + ": " + e.getMessage(), e);
        }
    }

    /** Creates a role that may log in, its password stored as {@code password_encryption} says. */
    public Credentials createRole(String name, String password) {
        Credentials role = new Credentials(name, password);
        execute("CREATE ROLE " + identifier(name) + " LOGIN PASSWORD " + literal(password));
        return role;
    }

    /** Creates a database that a role owns. */
    public void createDatabase(String name, String owner) {
        execute("CREATE DATABASE " + identifier(name) + " OWNER " + identifier(owner));
    }

    /**
     * Stops it as an administrator would: sessions are ended, all is written (manual 18.5, fast).
     */
    public void stop() {
        end(ServerProcess.Signal.INT, FAST_PATIENCE);
    }

    /** Stops it at once without writing; the next start recovers (manual 18.5, immediate). */
    public void stopImmediate() {
        end(ServerProcess.Signal.QUIT, IMMEDIATE_PATIENCE);
    }

    /** Kills all its processes with SIGKILL, as the kernel does when memory runs out. */
    public void kill9() {
        lifecycle.lock();
        try {
            ServerProcess current = process;
            if (current != null) {
                current.kill();
                cleanUp();
            }
        } finally {
            lifecycle.unlock();
        }
    }

    /**
     * Stops all its processes where they stand until {@link #resume}: connections stay open, and
     * nothing answers. The kernel still accepts new TCP connections on its behalf.
     */
    public void pause() {
        lifecycle.lock();
        try {
            requireRunning().pause();
        } finally {
            lifecycle.unlock();
        }
    }

    /** Lets it go on after {@link #pause}. */
    public void resume() {
        lifecycle.lock();
        try {
            requireRunning().resume();
        } finally {
            lifecycle.unlock();
        }
    }

    /** Ends it and deletes all that was not asked to be kept. Closing again does nothing. */
    @Override
    public void close() {
        lifecycle.lock();
        try {
            if (closed) {
                return;
            }
            if (spec.data().isPresent()) {
                stop();
            } else {
                stopImmediate();
            }
            FileTree.delete(scratch);
            closed = true;
            LiveServers.remove(this);
        } finally {
            lifecycle.unlock();
        }
    }

    private DataFolder prepare() {
        Path data = data().toAbsolutePath().normalize();
        DataFolder prepared =
                DataFolder.prepare(
                        data,
                        spec.installation(),
                        spec.superuser(),
                        spec.data().isPresent(),
                        scratch,
                        spec.upstream());
        try {
            if (spec.data().isPresent() && !Files.exists(ScratchFolder.data(scratch))) {
                Files.createSymbolicLink(ScratchFolder.data(scratch), data.toRealPath());
            }
            if (!Files.exists(socketFolder())) {
                Files.createDirectory(socketFolder());
                prepared.user().own(socketFolder());
            }
            return prepared;
        } catch (IOException e) {
            throw new LocalServerException(scratch + " cannot be used: " + e, e);
        }
    }

    private void end(ServerProcess.Signal signal, Duration patience) {
        lifecycle.lock();
        try {
            ServerProcess current = process;
            if (current == null) {
                return;
            }
            current.resume();
            current.signal(signal);
            if (!current.awaitEnd(patience)) {
                current.kill();
            }
            cleanUp();
        } finally {
            lifecycle.unlock();
        }
    }

    /** After an orderly end there is no postmaster.pid, and nothing to do. */
    private void cleanUp() {
        process = null;
        PostmasterFile.read(data()).ifPresent(PostmasterFile::cleanUp);
    }

    private ServerProcess requireRunning() {
        return Optional.ofNullable(process)
                .filter(ServerProcess::alive)
                .orElseThrow(() -> new LocalServerException("PostgreSQL does not run."));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String identifier(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
