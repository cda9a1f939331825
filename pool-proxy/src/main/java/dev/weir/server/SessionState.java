package dev.weir.server;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;

/**
 * What a session has changed about whatever server connection it is lent, and, as a server
 * connection's label, what was last changed there. Immutable.
 *
 * @param settings run-time settings by lower-case name; what is absent has the server's own default
 * @param prepared statements prepared by SQL: the whole PREPARE by name
 * @param authorization the role of SET SESSION AUTHORIZATION; null for the login's
 * @param role the role of SET ROLE; null for none
 * @param channels stand-ins for the channels listened to, see the manual's LISTEN
 * @param opaque of a label: settings may have been changed that are not known by name
 */
public record SessionState(
        Map<String, String> settings,
        Map<String, String> prepared,
        @Nullable String authorization,
        @Nullable String role,
        Set<String> channels,
        boolean opaque) {
    public static final SessionState DEFAULTS = of(Map.of());

    /** Settings that often differ from client to client and never change what a text means. */
    private static final Set<String> MEANINGLESS =
            Set.of(
                    "application_name",
                    "statement_timeout",
                    "lock_timeout",
                    "transaction_timeout",
                    "idle_in_transaction_session_timeout",
                    "client_min_messages");

    public SessionState {
        settings = Map.copyOf(settings);
        prepared = Map.copyOf(prepared);
        channels = Set.copyOf(channels);
    }

    // Perf: written out, since those that a record is given are put together at their first use,
    // which would be in the midst of the first statement after the start and take 40 ms.

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof SessionState that
                        && opaque == that.opaque
                        && Objects.equals(role, that.role)
                        && Objects.equals(authorization, that.authorization)
                        && settings.equals(that.settings)
                        && prepared.equals(that.prepared)
                        && channels.equals(that.channels));
    }

    @Override
    public int hashCode() {
        int hash = 31 * settings.hashCode() + prepared.hashCode();
        hash = 31 * hash + Objects.hashCode(authorization);
        hash = 31 * hash + Objects.hashCode(role);
        return 31 * (31 * hash + channels.hashCode()) + Boolean.hashCode(opaque);
    }

    /** Settings and nothing else. */
    public static SessionState of(Map<String, String> settings) {
        return new SessionState(settings, Map.of(), null, null, Set.of(), false);
    }

    /** Those settings that may change what a statement's text means; custom ones never do. */
    public SessionState meaning() {
        Map<String, String> rest = new HashMap<>(settings);
        rest.keySet().removeIf(name -> MEANINGLESS.contains(name) || name.indexOf('.') >= 0);
        return rest.isEmpty() ? DEFAULTS : of(rest);
    }

    /** This state with one setting of another value. */
    public SessionState with(String name, String value) {
        if (value.equals(settings.get(name))) {
            return this;
        }
        Map<String, String> all = new HashMap<>(settings);
        all.put(name, value);
        return new SessionState(all, prepared, authorization, role, channels, opaque);
    }

    /**
     * This state with the settings of {@code startup} where it has none: what RESET goes back to.
     */
    public SessionState onTopOf(SessionState startup) {
        if (!opaque && settings.keySet().containsAll(startup.settings.keySet())) {
            return this;
        }
        Map<String, String> all = new HashMap<>(startup.settings);
        all.putAll(settings);
        return new SessionState(all, prepared, authorization, role, channels, false);
    }

    /**
     * The SQL that turns a server connection labelled {@code this} into one labelled {@code
     * wanted}.
     *
     * <p>The login's own rights come back first, for they may be needed, and the wanted role comes
     * last. {@code set_config} rather than SET, because it reads lists such as search_path the way
     * the startup packet does. Everything is qualified: a search_path of the client's must not
     * decide what these names mean.
     *
     * @return empty if they are equal
     */
    public String changeTo(SessionState wanted) {
        if (equals(wanted)) {
            return "";
        }
        StringBuilder sql = new StringBuilder();
        if (role != null) {
            sql.append("RESET ROLE;");
        }
        if (authorization != null) {
            sql.append("RESET SESSION AUTHORIZATION;");
        }
        if (opaque) {
            sql.append("RESET ALL;");
        }
        changeSettings(opaque ? Map.of() : settings, wanted, sql);
        changePrepared(wanted, sql);
        changeChannels(wanted, sql);
        if (wanted.authorization != null) {
            sql.append("SET SESSION AUTHORIZATION ")
                    .append(identifier(wanted.authorization))
                    .append(';');
        }
        if (wanted.role != null) {
            sql.append("SET ROLE ").append(identifier(wanted.role)).append(';');
        }
        return sql.toString();
    }

    /** The SQL that sets again those of these settings that have the server's default. */
    public String restart() {
        StringJoiner values = new StringJoiner(",");
        new TreeMap<>(settings)
                .forEach((name, value) ->
                        values.add("(%s,%s)".formatted(literal(name), literal(value))));
        return "SELECT pg_catalog.set_config(v.name,v.setting,false) FROM (VALUES "
                + values
                + ") v(name,setting) LEFT JOIN pg_catalog.pg_settings s"
                + " ON pg_catalog.lower(s.name) OPERATOR(pg_catalog.=) pg_catalog.lower(v.name)"
                + " WHERE s.source OPERATOR(pg_catalog.<>) 'session' OR s.source IS NULL"
                + " AND coalesce(pg_catalog.current_setting(v.name,true),'') OPERATOR(pg_catalog.=) ''";
    }

    private static void changeSettings(
            Map<String, String> present, SessionState wanted, StringBuilder sql) {
        for (String name : new TreeMap<>(present).keySet()) {
            if (!wanted.settings.containsKey(name)) {
                sql.append("RESET ").append(dotted(name)).append(';');
            }
        }
        StringJoiner calls = new StringJoiner(",", "SELECT ", ";");
        calls.setEmptyValue("");
        new TreeMap<>(wanted.settings)
                .forEach((name, value) -> {
                    if (!value.equals(present.get(name))) {
                        calls.add(
                                "pg_catalog.set_config(%s,%s,false)"
                                        .formatted(literal(name), literal(value)));
                    }
                });
        sql.append(calls);
    }

    private void changePrepared(SessionState wanted, StringBuilder sql) {
        if (prepared.equals(wanted.prepared)) {
            return;
        }
        prepared.forEach((name, text) -> {
            if (!Objects.equals(text, wanted.prepared.get(name))) {
                sql.append("DEALLOCATE ").append(identifier(name)).append(';');
            }
        });
        wanted.prepared.forEach((name, text) -> {
            if (!Objects.equals(text, prepared.get(name))) {
                // On a line of its own, for the text may end with a comment.
                sql.append(text).append("\n;");
            }
        });
    }

    private void changeChannels(SessionState wanted, StringBuilder sql) {
        for (String channel : channels) {
            if (!wanted.channels.contains(channel)) {
                sql.append("UNLISTEN ").append(identifier(channel)).append(';');
            }
        }
        for (String channel : wanted.channels) {
            if (!channels.contains(channel)) {
                sql.append("LISTEN ").append(identifier(channel)).append(';');
            }
        }
    }

    /** A dotted name keeps its dots outside the quotes. */
    private static String dotted(String name) {
        StringJoiner parts = new StringJoiner(".");
        for (String part : name.split("\\.", -1)) {
            parts.add(identifier(part));
        }
        return parts.toString();
    }

    private static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** An escape string, whose meaning no setting of the server's can change. */
    public static String literal(String text) {
        return "E'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /** The values may be anything, also what must not reach a log. */
    @Override
    public String toString() {
        return "SessionState[settings="
                + settings.keySet()
                + ", prepared="
                + prepared.keySet()
                + ", authorization="
                + authorization
                + ", role="
                + role
                + ", channels="
                + channels
                + ", opaque="
                + opaque
                + "]";
    }
}
