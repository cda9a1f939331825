package dev.weir.failover;

import dev.weir.topology.Node;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A standby that stays one, and is to stream from the next primary: it does so already while that
 * is a standby itself (cascading, manual 26.2.7), so that it can never be ahead of it, and follows
 * its timeline without a restart. For one thread.
 */
final class Standby {
    private static final Logger LOG = LoggerFactory.getLogger(Standby.class);

    private static final Pattern HOST = parameter("host");
    private static final Pattern ADDRESS = parameter("hostaddr");
    private static final Pattern PORT = parameter("port");

    private final Node node;
    private final Operator operator;

    /** As it was; empty if it stood in no file that ALTER SYSTEM writes. */
    private final String before;

    private boolean moved;

    private static Pattern parameter(String name) {
        return Pattern.compile("\\b" + name + "\\s*=\\s*('(?:[^'\\\\]|\\\\.)*'|\\S*)");
    }

    Standby(Node node, Operator operator) throws SQLException {
        this.node = node;
        this.operator = operator;
        this.before = operator.ask("SELECT current_setting('primary_conninfo')");
    }

    Node node() {
        return node;
    }

    /** Lets it stream from {@code next}. */
    void follow(Node next, Operator nextOperator) throws SQLException {
        String slot = operator.ask("SELECT current_setting('primary_slot_name')");
        if (!slot.isEmpty()
                && nextOperator
                        .list("SELECT 1 FROM pg_replication_slots WHERE slot_name = ?", slot)
                        .isEmpty()) {
            nextOperator.ask("SELECT pg_create_physical_replication_slot(?)", slot);
        }
        moved = true;
        set(moved(before, next));
    }

    /** A connection string that leads to another server and is the same in all else. */
    static String moved(String conninfo, Node next) {
        String rest = ADDRESS.matcher(conninfo).replaceAll("");
        rest = replaced(HOST, rest, "host='" + next.host().replace("'", "\\'") + "'");
        return replaced(PORT, rest, "port=" + next.port()).strip();
    }

    private static String replaced(Pattern parameter, String text, String by) {
        Matcher matcher = parameter.matcher(text);
        return matcher.find()
                ? matcher.replaceFirst(Matcher.quoteReplacement(by))
                : text + " " + by;
    }

    /** Whether it receives from {@code next}. */
    boolean streamsFrom(Node next) throws SQLException {
        return operator.is(
                "SELECT status = 'streaming' AND sender_port = ? FROM pg_stat_wal_receiver",
                next.port());
    }

    /** Lets it stream from where it did, if it does not. */
    void restore() {
        if (moved) {
            try {
                set(before);
                moved = false;
            } catch (SQLException e) {
                LOG.error(
                        "primary_conninfo of {} could not be set back; do it by hand (ALTER SYSTEM): {}",
                        node,
                        e.getMessage());
            }
        }
    }

    private void set(String conninfo) throws SQLException {
        operator.run("ALTER SYSTEM SET primary_conninfo = " + operator.literal(conninfo));
        operator.run("SELECT pg_reload_conf()");
    }
}
