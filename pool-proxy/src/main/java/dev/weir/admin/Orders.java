package dev.weir.admin;

import dev.weir.config.WeirConfig;
import dev.weir.pool.Hold;
import dev.weir.pool.Pool;
import dev.weir.pool.PoolKey;
import dev.weir.pool.Pools;
import dev.weir.session.Sessions;
import dev.weir.wire.SqlState;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** What can be ordered at the console: PgBouncer's commands, to the same effect. */
final class Orders {
    private static final Logger LOG = LoggerFactory.getLogger(Orders.class);
    private static final long LOOK_MILLIS = 5;

    private final Pools pools;
    private final Sessions sessions;
    private final Operations operations;

    private Orders(Pools pools, Sessions sessions, Operations operations) {
        this.pools = pools;
        this.sessions = sessions;
        this.operations = operations;
    }

    /** How an order is carried out. */
    private interface Deed {
        /**
         * @param argument what follows the command; null for nothing
         */
        void run(@Nullable String argument, BooleanSupplier abandoned) throws ConsoleException;
    }

    private record Order(String name, Deed deed) implements Command {
        @Override
        public Access access() {
            return Access.ORDER;
        }

        @Override
        public Answer run(List<ConsoleText.Word> arguments, BooleanSupplier abandoned)
                throws ConsoleException {
            if (arguments.size() > 1) {
                throw new ConsoleException(
                        SqlState.SYNTAX_ERROR, name + " takes one argument at most");
            }
            // Names of databases count as they are written: there is no folding in a startup
            // packet.
            String argument = arguments.isEmpty() ? null : arguments.getFirst().text();
            LOG.info("{} {} ordered at the console", name, argument == null ? "" : argument);
            deed.run(argument, abandoned);
            return Answer.done(name);
        }
    }

    /** All of them, by name. */
    static Map<String, Command> commands(Pools pools, Sessions sessions, Operations operations) {
        Orders orders = new Orders(pools, sessions, operations);
        Map<String, Command> commands = new TreeMap<>();
        Map.<String, Deed>of(
                        "PAUSE", orders::pause,
                        "RESUME", orders::resume,
                        "SUSPEND", orders::suspend,
                        "RECONNECT", orders::reconnect,
                        "WAIT_CLOSE", orders::waitClose,
                        "DISABLE", (database, _) -> orders.disable(database, true),
                        "ENABLE", (database, _) -> orders.disable(database, false),
                        "KILL", orders::kill,
                        "KILL_CLIENT", orders::killClient,
                        "SHUTDOWN", orders::shutdown)
                .forEach((name, deed) ->
                        commands.put(name.toLowerCase(Locale.ROOT), new Order(name, deed)));
        return commands;
    }

    // ---- holding ----

    private void pause(@Nullable String database, BooleanSupplier abandoned)
            throws ConsoleException {
        requireUnheld();
        if (database == null) {
            pools.hold(Hold.PAUSED);
        } else {
            pools.pause(known(database));
        }
        await(
                () -> chosen(database).allMatch(pool -> pool.status().size() == 0),
                () ->
                        database == null
                                ? pools.everywhere() != Hold.PAUSED
                                : !pools.paused(database),
                abandoned);
    }

    private void suspend(@Nullable String argument, BooleanSupplier abandoned)
            throws ConsoleException {
        none(argument);
        requireUnheld();
        if (!pools.pausedDatabases().isEmpty()) {
            throw wrongState("cannot suspend while a database is paused");
        }
        pools.hold(Hold.SUSPENDED);
        await(
                () -> chosen(null).allMatch(pool -> pool.status().size() == pool.status().idle()),
                () -> pools.everywhere() != Hold.SUSPENDED,
                abandoned);
    }

    private void resume(@Nullable String database, BooleanSupplier abandoned)
            throws ConsoleException {
        if (operations.isShuttingDown()) {
            throw shuttingDown();
        }
        if (database == null) {
            if (pools.everywhere() == Hold.NONE) {
                throw wrongState("Weir is neither paused nor suspended");
            }
            pools.hold(Hold.NONE);
        } else if (!pools.resume(known(database))) {
            throw wrongState("database \"%s\" is not paused".formatted(database));
        }
    }

    private void requireUnheld() throws ConsoleException {
        if (operations.isShuttingDown()) {
            throw shuttingDown();
        }
        if (pools.everywhere() != Hold.NONE) {
            throw wrongState("already paused or suspended; RESUME ends that");
        }
    }

    // ---- server connections ----

    private void reconnect(@Nullable String database, BooleanSupplier abandoned)
            throws ConsoleException {
        pools.reconnect(which(database));
        pools.settle();
    }

    private void waitClose(@Nullable String database, BooleanSupplier abandoned)
            throws ConsoleException {
        which(database);
        await(
                () -> chosen(database).allMatch(pool -> pool.status().retiring() == 0),
                () -> false,
                abandoned);
    }

    // ---- clients ----

    private void disable(@Nullable String database, boolean wanted) throws ConsoleException {
        if (database == null) {
            throw new ConsoleException(SqlState.SYNTAX_ERROR, "expected the name of a database");
        }
        pools.disable(known(database), wanted);
    }

    private void kill(@Nullable String database, BooleanSupplier abandoned)
            throws ConsoleException {
        requireUnheld();
        Predicate<PoolKey> which = which(database);
        if (database == null) {
            pools.hold(Hold.PAUSED);
        } else {
            pools.pause(database);
        }
        sessions.roster().killAll(which);
        pools.cutOff(which);
    }

    private void killClient(@Nullable String argument, BooleanSupplier abandoned)
            throws ConsoleException {
        if (argument == null || !argument.matches("[0-9]{1,18}")) {
            throw new ConsoleException(
                    SqlState.SYNTAX_ERROR,
                    "expected the id of a client",
                    "SHOW CLIENTS has it in its column id.");
        }
        if (!sessions.roster().kill(Long.parseLong(argument))) {
            throw new ConsoleException(
                    SqlState.UNDEFINED_OBJECT, "there is no client of id " + argument);
        }
    }

    // ---- the whole ----

    private void shutdown(@Nullable String argument, BooleanSupplier abandoned)
            throws ConsoleException {
        if (argument == null) {
            operations.shutdown(Shutdown.AT_ONCE);
            return;
        }
        switch (argument.toLowerCase(Locale.ROOT)) {
            case "wait_for_servers" -> operations.shutdown(Shutdown.WAIT_FOR_SERVERS);
            case "wait_for_clients" -> operations.shutdown(Shutdown.WAIT_FOR_CLIENTS);
            default ->
                    throw new ConsoleException(
                            SqlState.SYNTAX_ERROR,
                            "expected SHUTDOWN, SHUTDOWN WAIT_FOR_SERVERS or SHUTDOWN"
                                    + " WAIT_FOR_CLIENTS");
        }
    }

    // ---- what they share ----

    private java.util.stream.Stream<Pool> chosen(@Nullable String database) {
        return pools.all().stream()
                .filter(pool -> database == null || pool.key().database().equals(database));
    }

    private Predicate<PoolKey> which(@Nullable String database) throws ConsoleException {
        if (database == null) {
            return _ -> true;
        }
        String name = known(database);
        return key -> key.database().equals(name);
    }

    private String known(String database) throws ConsoleException {
        if (WeirConfig.OWN_DATABASES.contains(database)) {
            throw wrongState("the console itself cannot be the object of an order");
        }
        if (sessions.config().database(database) == null) {
            throw new ConsoleException(
                    SqlState.INVALID_CATALOG_NAME,
                    "there is no database \"%s\"".formatted(database),
                    "SHOW DATABASES lists them; in double quotes, if need be.");
        }
        return database;
    }

    private static void none(@Nullable String argument) throws ConsoleException {
        if (argument != null) {
            throw new ConsoleException(SqlState.SYNTAX_ERROR, "no argument is expected");
        }
    }

    private static ConsoleException wrongState(String what) {
        return new ConsoleException(SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, what);
    }

    private static ConsoleException shuttingDown() {
        return new ConsoleException(SqlState.ADMIN_SHUTDOWN, "Weir is shutting down");
    }

    /** Waits until it is done, unless that is ordered otherwise, or nobody cares any more. */
    private void await(BooleanSupplier done, BooleanSupplier revoked, BooleanSupplier abandoned)
            throws ConsoleException {
        while (!done.getAsBoolean()) {
            if (operations.isShuttingDown()) {
                throw shuttingDown();
            }
            if (revoked.getAsBoolean()) {
                throw wrongState("it has been revoked by RESUME meanwhile");
            }
            if (abandoned.getAsBoolean()) {
                throw wrongState("nobody waits for it any more; what was ordered still counts");
            }
            try {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw shuttingDown();
            }
        }
    }
}
