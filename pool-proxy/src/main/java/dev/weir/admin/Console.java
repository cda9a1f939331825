package dev.weir.admin;

import dev.weir.config.AdminConfig;
import dev.weir.config.WeirConfig;
import dev.weir.net.EventLoops;
import dev.weir.pool.Pools;
import dev.weir.session.OwnDatabase;
import dev.weir.session.Sessions;
import dev.weir.wire.SqlState;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandler;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The console: a database of Weir's own, at which PgBouncer's commands and some more can be typed.
 * Whatever the command, it is asked whether the user may. Any thread may use it.
 */
public final class Console implements OwnDatabase {
    static final String ADVICE = "SHOW HELP lists what there is.";

    /** Sessions of the console; they are not counted as clients, and so need a bound. */
    private static final int MOST_SESSIONS = 64;

    /** What drivers and tools ask or set before they do anything, and what they are told. */
    private static final Map<String, String> CUSTOMARY =
            Map.ofEntries(
                    Map.entry("application_name", ""),
                    Map.entry("client_encoding", "UTF8"),
                    Map.entry("client_min_messages", "notice"),
                    Map.entry("datestyle", "ISO"),
                    Map.entry("default_transaction_isolation", "read committed"),
                    Map.entry("extra_float_digits", "2"),
                    Map.entry("search_path", ""),
                    Map.entry("standard_conforming_strings", "on"),
                    Map.entry("statement_timeout", "0"),
                    Map.entry("timezone", "GMT"),
                    Map.entry("transaction_isolation", "read committed"));

    private final Supplier<WeirConfig> config;
    private final Executor blocking;
    private final String version;
    private final Map<String, Command> shows;
    private final Map<String, Command> orders;
    private final AtomicInteger sessions = new AtomicInteger();

    /**
     * A console with these commands.
     *
     * @param config the configuration that counts at the time of each call
     * @param blocking where commands run, never a loop
     * @param version Weir's
     */
    private Console(
            Supplier<WeirConfig> config,
            Executor blocking,
            String version,
            Map<String, Command> shows,
            Map<String, Command> orders) {
        this.config = config;
        this.blocking = blocking;
        this.version = version;
        this.shows = new TreeMap<>(shows);
        this.orders = new TreeMap<>(orders);
        this.shows.put("help", new Help(this.shows.keySet()));
    }

    /**
     * The console over these parts.
     *
     * @param blocking where commands run, never a loop
     * @param version Weir's
     */
    public static Console over(
            Sessions sessions,
            Pools pools,
            EventLoops loops,
            Operations operations,
            Executor blocking,
            String version) {
        DatabaseStats stats =
                new DatabaseStats(
                        pools,
                        loops.all().getFirst(),
                        () -> sessions.config().admin().statsPeriod());
        ShowSockets sockets = new ShowSockets(pools, sessions);
        Map<String, Command> shows = new HashMap<>(ShowStats.commands(stats));
        shows.putAll(sockets.commands());
        shows.putAll(new ShowPools(pools, sessions, sockets).commands());
        shows.putAll(new ShowPlaces(sessions.routers()).commands());
        shows.putAll(new ShowConfiguration(sessions::config, pools).commands());
        shows.putAll(new ShowProcess(pools, sessions, loops, version).commands());
        Map<String, Command> orders = new HashMap<>(Orders.commands(pools, sessions, operations));
        orders.putAll(Reloading.commands(operations));
        orders.put("explain", new ExplainRoute(sessions.routers(), sessions::config));
        orders.put("switchover", new SwitchoverOrder(sessions.switchovers()));
        return new Console(sessions::config, blocking, version, shows, orders);
    }

    @Override
    public boolean isNamed(String database) {
        return WeirConfig.OWN_DATABASES.contains(database);
    }

    @Override
    public @Nullable ChannelInboundHandler open(Channel channel, String user) {
        if (!may(user, Command.Access.LOOK) || sessions.incrementAndGet() > MOST_SESSIONS) {
            return null;
        }
        return new ConsoleSession(channel, this, user);
    }

    /** A session has ended. */
    void left() {
        sessions.decrementAndGet();
    }

    Executor blocking() {
        return blocking;
    }

    /** What a client is told of its server. */
    Map<String, String> parameters() {
        return new TreeMap<>(
                Map.of(
                        "server_version", "14.0 (Weir " + version + ")",
                        "client_encoding", "UTF8",
                        "server_encoding", "UTF8",
                        "DateStyle", "ISO",
                        "TimeZone", "GMT",
                        "integer_datetimes", "on",
                        "standard_conforming_strings", "on",
                        "is_superuser", "off"));
    }

    private boolean may(String user, Command.Access access) {
        AdminConfig admin = config.get().admin();
        return admin.adminUsers().contains(user)
                || (access == Command.Access.LOOK && admin.statsUsers().contains(user));
    }

    // ---- commands ----

    /** The command that a statement means, and what follows its own words. */
    private record Meant(Command command, List<ConsoleText.Word> arguments) {}

    private Meant meant(List<ConsoleText.Word> statement) throws ConsoleException {
        String first = statement.getFirst().lower();
        List<ConsoleText.Word> rest = statement.subList(1, statement.size());
        if (first.equals("show")) {
            return show(rest);
        }
        if (first.equals("select")) {
            return select(rest);
        }
        if (first.equals("set") && rest.size() > 1 && isCustomary(rest)) {
            return new Meant(
                    new Courtesy("SET", "a setting of PostgreSQL's means nothing here"), rest);
        }
        Command order = orders.get(first);
        if (order == null) {
            order = Courtesy.of(first);
        }
        if (order == null) {
            throw unknown("\"%s\" is no command".formatted(statement.getFirst().text()));
        }
        return new Meant(order, rest);
    }

    private static boolean isCustomary(List<ConsoleText.Word> words) {
        String name = words.getFirst().lower();
        return CUSTOMARY.containsKey(name)
                || name.equals("session")
                || name.equals("local")
                || name.equals("transaction");
    }

    private Meant show(List<ConsoleText.Word> rest) throws ConsoleException {
        if (rest.isEmpty()) {
            throw unknown("SHOW what?");
        }
        String name = rest.getFirst().lower();
        if (name.equals("transaction") && rest.size() == 3) {
            return new Meant(customary("transaction_isolation"), List.of());
        }
        Command show = CUSTOMARY.containsKey(name) ? customary(name) : shows.get(name);
        if (show == null) {
            throw unknown("there is no SHOW \"%s\"".formatted(rest.getFirst().text()));
        }
        return new Meant(show, rest.subList(1, rest.size()));
    }

    private static Command customary(String name) {
        return new Show(
                Column.list("s", name), () -> List.of(Row.of(CUSTOMARY.getOrDefault(name, ""))));
    }

    /** What health checks and tools send; PgBouncer also takes SELECT for SHOW. */
    private Meant select(List<ConsoleText.Word> rest) throws ConsoleException {
        if (rest.size() == 1 && rest.getFirst().text().matches("[0-9]{1,9}")) {
            String number = rest.getFirst().text();
            return new Meant(
                    new Show(Column.list("i", "?column?"), () -> List.of(Row.of(number))),
                    List.of());
        }
        String name = rest.isEmpty() ? "" : rest.getFirst().lower();
        if (name.equals("version") || (rest.size() == 1 && shows.containsKey(name))) {
            return show(rest.subList(0, 1));
        }
        throw new ConsoleException(
                SqlState.FEATURE_NOT_SUPPORTED,
                "the console of Weir answers no queries: it is not a PostgreSQL",
                ADVICE);
    }

    private ConsoleException unknown(String what) {
        return new ConsoleException(
                SqlState.SYNTAX_ERROR,
                what
                        + "; there are SHOW "
                        + String.join("|", shows.keySet())
                        + ", and "
                        + String.join(", ", orders.keySet()),
                ADVICE);
    }

    /** Whether the statement is one, and the user may. */
    void check(String user, List<ConsoleText.Word> statement) throws ConsoleException {
        if (!statement.isEmpty()) {
            allow(user, statement, meant(statement).command());
        }
    }

    private void allow(String user, List<ConsoleText.Word> statement, Command command)
            throws ConsoleException {
        if (!may(user, command.access())) {
            throw new ConsoleException(
                    SqlState.INSUFFICIENT_PRIVILEGE,
                    "user \"%s\" may not %s: it is not in admin-users"
                            .formatted(user, statement.getFirst().text()),
                    "Who is in stats-users may SHOW.");
        }
    }

    /** The columns that a statement will show; null if it shows none. */
    @Nullable List<Column> columns(List<ConsoleText.Word> statement) throws ConsoleException {
        return statement.isEmpty() ? null : meant(statement).command().columns();
    }

    /** Carries a statement out, if the user may at this moment. Not on a loop. */
    Answer run(String user, List<ConsoleText.Word> statement, BooleanSupplier abandoned)
            throws ConsoleException {
        Meant meant = meant(statement);
        allow(user, statement, meant.command());
        return meant.command().run(meant.arguments(), abandoned);
    }
}
