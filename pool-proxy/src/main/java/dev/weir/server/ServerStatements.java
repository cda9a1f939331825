package dev.weir.server;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The named statements that exist on one server connection, least recently used first. Confined to
 * the loop that owns the connection.
 *
 * <p>Names are Weir's own and unique on their server connection for its whole life, so that a name
 * never changes its meaning.
 */
public final class ServerStatements {
    /** No client's name reaches a server, so none can be mistaken for one of these. */
    public static final String PREFIX = "weir_";

    private final Map<Statement, byte[]> names = new LinkedHashMap<>(16, 0.75f, true);
    private final int max;
    private long next = 1;

    /**
     * An empty registry.
     *
     * @param max statements to keep, at least 1
     */
    public ServerStatements(int max) {
        this.max = max;
    }

    /**
     * The server-side name of {@code statement}, which counts as a use.
     *
     * @return null if it is not prepared here
     */
    public byte @Nullable [] name(Statement statement) {
        return names.get(statement);
    }

    /** Gives {@code statement} a name; the caller sends the Parse. */
    public byte[] add(Statement statement) {
        byte[] name = (PREFIX + next++).getBytes(StandardCharsets.US_ASCII);
        names.put(statement, name);
        return name;
    }

    /** Puts a statement back, which the server has under this name after all. */
    public void restore(Statement statement, byte[] name) {
        names.put(statement, name);
    }

    /** Takes {@code statement} out, unless it has got another name since. */
    public void remove(Statement statement, byte[] name) {
        if (names.get(statement) == name) {
            names.remove(statement);
        }
    }

    /**
     * The statement to close before one more is added.
     *
     * @return null if there is room
     */
    public @Nullable Statement surplus() {
        return names.size() < max ? null : names.keySet().iterator().next();
    }

    /** The server has forgotten all of them. */
    public void clear() {
        names.clear();
    }

    public int size() {
        return names.size();
    }
}
