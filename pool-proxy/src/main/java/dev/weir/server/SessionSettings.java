package dev.weir.server;

import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;

/**
 * The run-time settings that a session wants on whatever server connection it is lent, and, as a
 * server connection's label, those that were last applied there. Immutable.
 *
 * @param values by lower-case name; what is absent has the server's own default
 */
public record SessionSettings(Map<String, String> values) {
    public static final SessionSettings DEFAULTS = new SessionSettings(Map.of());

    /**
     * What the meaning of no statement depends on. All others may decide how a literal is read
     * (TimeZone, client_encoding) or what a name stands for (search_path).
     */
    private static final Set<String> OUTSIDE_STATEMENTS =
            Set.of(
                    "application_name",
                    "client_min_messages",
                    "idle_in_transaction_session_timeout",
                    "idle_session_timeout",
                    "lock_timeout",
                    "statement_timeout",
                    "transaction_timeout");

    public SessionSettings {
        values = Map.copyOf(values);
    }

    /** Those among them that sessions must have in common to share a prepared statement. */
    public SessionSettings forStatements() {
        if (values.isEmpty()) {
            return DEFAULTS;
        }
        Map<String, String> kept = new TreeMap<>(values);
        kept.keySet().removeAll(OUTSIDE_STATEMENTS);
        return kept.isEmpty() ? DEFAULTS : new SessionSettings(kept);
    }

    /**
     * The SQL that turns a server connection labelled {@code this} into one labelled {@code
     * wanted}.
     *
     * <p>{@code set_config} rather than SET, because it reads lists such as search_path the way the
     * startup packet does. Everything is qualified: a search_path of the client's must not decide
     * what these names mean.
     *
     * @return empty if they are equal
     */
    public String changeTo(SessionSettings wanted) {
        StringBuilder sql = new StringBuilder();
        for (String name : new TreeMap<>(values).keySet()) {
            if (!wanted.values.containsKey(name)) {
                sql.append("RESET ").append(identifier(name)).append(';');
            }
        }
        StringJoiner calls = new StringJoiner(",", "SELECT ", "");
        calls.setEmptyValue("");
        new TreeMap<>(wanted.values)
                .forEach((name, value) -> {
                    if (!value.equals(values.get(name))) {
                        calls.add(
                                "pg_catalog.set_config(%s,%s,false)"
                                        .formatted(literal(name), literal(value)));
                    }
                });
        return sql.append(calls).toString();
    }

    /** A dotted name keeps its dots outside the quotes. */
    private static String identifier(String name) {
        StringJoiner parts = new StringJoiner(".");
        for (String part : name.split("\\.", -1)) {
            parts.add('"' + part.replace("\"", "\"\"") + '"');
        }
        return parts.toString();
    }

    /** An escape string, whose meaning no setting of the server's can change. */
    private static String literal(String text) {
        return "E'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
