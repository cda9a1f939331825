package dev.weir.session.state;

import dev.weir.server.SessionState;
import dev.weir.sql.Lexer;
import dev.weir.sql.TokenKind;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.ProtocolException;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One question to the server about what a session has changed, and its answer. Confined to the
 * client's loop.
 *
 * <p>Every name and operator is qualified, for the question runs under the client's search_path.
 */
final class StateCapture {
    private static final String SETTINGS =
            """
            SELECT 's', name, setting FROM pg_catalog.pg_settings \
            WHERE source OPERATOR(pg_catalog.=) 'session' \
            AND context OPERATOR(pg_catalog.<>) 'internal' \
            AND NOT name OPERATOR(pg_catalog.~) '^transaction_(isolation|read_only|deferrable)$' \
            UNION ALL SELECT 'r', '', pg_catalog.current_setting('role') \
            UNION ALL SELECT 'a', '', SESSION_USER::pg_catalog.text\
            """;

    private static final String PREPARED =
            "SELECT 'p', name, statement FROM pg_catalog.pg_prepared_statements WHERE from_sql";

    private static final String TEMPORARY =
            """
            SELECT 't', '', '' WHERE EXISTS (SELECT FROM pg_catalog.pg_depend \
            WHERE refclassid OPERATOR(pg_catalog.=) 2615 \
            AND refobjid OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())\
            """;

    private static final String ADVISORY =
            """
            SELECT 'l', '', '' WHERE EXISTS (SELECT FROM pg_catalog.pg_locks \
            WHERE locktype OPERATOR(pg_catalog.=) 'advisory' \
            AND pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid())\
            """;

    private static final String CURSOR =
            "SELECT 'c', '', '' WHERE EXISTS (SELECT FROM pg_catalog.pg_cursors WHERE is_holdable)";

    private static final String LISTEN =
            "SELECT 'n', channel, '' FROM pg_catalog.pg_listening_channels() channel";

    private static final Map<Pin, Integer> PARTS =
            Map.of(
                    Pin.TEMPORARY_OBJECTS, Effects.TEMPORARY,
                    Pin.ADVISORY_LOCKS, Effects.ADVISORY,
                    Pin.HELD_CURSOR, Effects.CURSOR,
                    Pin.LISTEN, Effects.LISTEN);

    private final int parts;
    private final String login;
    private final CustomSettings custom;

    /** The settings whose empty value is the session's own; elsewhere it is what RESET leaves. */
    private final Set<String> startup;

    private final Map<String, String> settings = new HashMap<>();
    private final Map<String, String> prepared = new HashMap<>();
    private final Set<String> channels = new HashSet<>();
    private final Set<Pin> found = EnumSet.noneOf(Pin.class);
    private @Nullable String authorization;
    private @Nullable String role;
    private boolean failed;

    /**
     * A question.
     *
     * @param parts which of {@link Effects#CAPTURED} to ask for, at least one
     * @param login the role that the server connection has logged in as
     * @param custom the settings to ask for by name
     * @param startup names whose empty value is the session's own, and not what RESET leaves
     */
    StateCapture(int parts, String login, CustomSettings custom, Set<String> startup) {
        this.parts = parts;
        this.login = login;
        this.custom = custom;
        this.startup = startup;
    }

    /** What to ask for to know whether these pins still hold. */
    static int partsOf(Set<Pin> pins) {
        int parts = Effects.NONE;
        for (Pin pin : pins) {
            parts |= PARTS.getOrDefault(pin, Effects.NONE);
        }
        return parts;
    }

    int parts() {
        return parts;
    }

    String sql() {
        List<String> selects = new ArrayList<>();
        if (asks(Effects.SETTINGS)) {
            selects.add(SETTINGS);
            for (String name : custom.names()) {
                String literal = SessionState.literal(name);
                selects.add(
                        "SELECT 'u', %s, pg_catalog.current_setting(%s, true)"
                                .formatted(literal, literal));
            }
        }
        if (asks(Effects.PREPARED)) {
            selects.add(PREPARED);
        }
        if (asks(Effects.TEMPORARY)) {
            selects.add(TEMPORARY);
        }
        if (asks(Effects.ADVISORY)) {
            selects.add(ADVISORY);
        }
        if (asks(Effects.CURSOR)) {
            selects.add(CURSOR);
        }
        if (asks(Effects.LISTEN)) {
            selects.add(LISTEN);
        }
        return String.join(" UNION ALL ", selects);
    }

    private boolean asks(int part) {
        return (parts & part) != 0;
    }

    // ---- the answer ----

    /**
     * Reads a DataRow that is there whole (manual section 54.7).
     *
     * @param at its type byte
     */
    void row(ByteBuf in, int at) throws ProtocolException {
        int index = at + FrontendMessage.HEADER;
        if (in.getUnsignedShort(index) != 3) {
            throw new ProtocolException("the server sent a row of another kind than asked for");
        }
        index += 2;
        String[] values = new String[3];
        for (int i = 0; i < values.length; i++) {
            int length = in.getInt(index);
            index += Integer.BYTES;
            values[i] = length < 0 ? "" : in.toString(index, length, StandardCharsets.UTF_8);
            index += Math.max(length, 0);
        }
        String name = values[1];
        String value = values[2];
        switch (values[0]) {
            case "s" -> settings.put(name, value);
            case "u" -> {
                if (!value.isEmpty() || startup.contains(name)) {
                    settings.put(name, value);
                }
            }
            case "r" -> role = value.equals("none") ? null : value;
            case "a" -> authorization = value.equals(login) ? null : value;
            case "p" -> prepare(name, value);
            case "t" -> found.add(Pin.TEMPORARY_OBJECTS);
            case "l" -> found.add(Pin.ADVISORY_LOCKS);
            case "c" -> found.add(Pin.HELD_CURSOR);
            case "n" -> {
                if (ChannelNames.channel(name) == null) {
                    // From within a function or a text too long to look at: it hears by itself.
                    found.add(Pin.LISTEN);
                } else {
                    channels.add(name);
                }
            }
            default -> throw new ProtocolException("the server sent a row of an unknown kind");
        }
    }

    /** PostgreSQL keeps the whole text of the message in which the PREPARE stood. */
    private void prepare(String name, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Lexer lexer = new Lexer(bytes);
        String own = null;
        while (lexer.kind() != TokenKind.END) {
            lexer.next();
            int start = lexer.start();
            boolean isOwn = lexer.is("prepare");
            if (isOwn) {
                lexer.next();
                isOwn = lexer.name().equals(name);
            }
            while (lexer.kind() != TokenKind.SEMICOLON && lexer.kind() != TokenKind.END) {
                lexer.next();
            }
            if (isOwn) {
                own = new String(bytes, start, lexer.start() - start, StandardCharsets.UTF_8);
            }
        }
        if (own == null) {
            failed = true;
        } else {
            prepared.put(name, own);
        }
    }

    void fail() {
        failed = true;
    }

    boolean failed() {
        return failed;
    }

    /** What was found, and of {@code label} what was not asked for. */
    SessionState state(SessionState label) {
        boolean all = asks(Effects.SETTINGS);
        return new SessionState(
                all ? settings : label.settings(),
                asks(Effects.PREPARED) ? prepared : label.prepared(),
                all ? authorization : label.authorization(),
                all ? role : label.role(),
                asks(Effects.LISTEN) ? channels : label.channels(),
                label.opaque() && !all || asks(Effects.UNNAMED) || (all && custom.full()));
    }

    /** The pins that this question was about. */
    List<Pin> coveredPins() {
        return PARTS.entrySet().stream()
                .filter(entry -> asks(entry.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    boolean found(Pin pin) {
        return found.contains(pin);
    }
}
