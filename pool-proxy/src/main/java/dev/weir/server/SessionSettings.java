package dev.weir.server;

import java.util.Collections;
import java.util.HashMap;
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

    /** Settings that often differ from client to client and never change what a text means. */
    private static final Set<String> MEANINGLESS =
            Set.of(
                    "application_name",
                    "statement_timeout",
                    "lock_timeout",
                    "transaction_timeout",
                    "idle_in_transaction_session_timeout",
                    "client_min_messages");

    public SessionSettings {
        values = Map.copyOf(values);
    }

    /** Those that may change what a statement's text means. */
    public SessionSettings meaning() {
        if (Collections.disjoint(values.keySet(), MEANINGLESS)) {
            return this;
        }
        Map<String, String> rest = new HashMap<>(values);
        rest.keySet().removeAll(MEANINGLESS);
        return rest.isEmpty() ? DEFAULTS : new SessionSettings(rest);
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
