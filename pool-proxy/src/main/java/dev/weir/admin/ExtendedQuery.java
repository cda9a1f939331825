package dev.weir.admin;

import dev.weir.wire.Backend;
import dev.weir.wire.Messages;
import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;

import io.netty.buffer.ByteBuf;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one client of the console has prepared and bound by the extended query protocol, and the
 * answers to that; all but Execute, which takes its time. On the client's loop, but for {@link
 * #portal} while the client has to wait.
 */
final class ExtendedQuery {
    private static final int MOST_NAMES = 256;

    private final Console console;
    private final String user;
    private final Map<String, List<ConsoleText.Word>> prepared = new HashMap<>();
    private final Map<String, Portal> portals = new HashMap<>();

    ExtendedQuery(Console console, String user) {
        this.console = console;
        this.user = user;
    }

    /** Answers a Parse with that body. */
    void parse(ByteBuf body, ByteBuf out) throws ConsoleException, ProtocolException {
        String name = ConsoleText.cstring(body);
        List<List<ConsoleText.Word>> statements = ConsoleText.statements(ConsoleText.cstring(body));
        if (statements.size() > 1) {
            throw new ConsoleException(
                    SqlState.SYNTAX_ERROR,
                    "cannot insert multiple commands into a prepared statement");
        }
        List<ConsoleText.Word> statement = statements.isEmpty() ? List.of() : statements.getFirst();
        if (prepared.size() >= MOST_NAMES && !prepared.containsKey(name)) {
            throw new ConsoleException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "a session of the console has at most %d statements".formatted(MOST_NAMES));
        }
        console.check(user, statement);
        prepared.put(name, statement);
        Messages.bare(out, Backend.PARSE_COMPLETE);
    }

    /** Answers a Bind. */
    void bind(ByteBuf body, ByteBuf out) throws ConsoleException, ProtocolException {
        String portal = ConsoleText.cstring(body);
        List<ConsoleText.Word> statement = named(ConsoleText.cstring(body));
        body.skipBytes(body.readUnsignedShort() * Short.BYTES);
        if (body.readUnsignedShort() > 0) {
            throw ConsoleException.notHere("parameters");
        }
        short[] formats = new short[body.readUnsignedShort()];
        for (int i = 0; i < formats.length; i++) {
            formats[i] = body.readShort();
        }
        List<Column> columns = console.columns(statement);
        if (formats.length > 1 && columns != null && formats.length != columns.size()) {
            throw new ProtocolException("as many result formats as columns are expected");
        }
        if (portals.size() >= MOST_NAMES && !portals.containsKey(portal)) {
            throw new ConsoleException(
                    SqlState.PROGRAM_LIMIT_EXCEEDED,
                    "a session of the console has at most %d portals".formatted(MOST_NAMES));
        }
        portals.put(portal, new Portal(statement, formats));
        Messages.bare(out, Backend.BIND_COMPLETE);
    }

    private List<ConsoleText.Word> named(String name) throws ConsoleException {
        List<ConsoleText.Word> statement = prepared.get(name);
        if (statement == null) {
            throw new ConsoleException(
                    SqlState.INVALID_SQL_STATEMENT_NAME,
                    "prepared statement \"%s\" does not exist".formatted(name));
        }
        return statement;
    }

    /** What was bound by that name. */
    Portal portal(String name) throws ConsoleException {
        Portal portal = portals.get(name);
        if (portal == null) {
            throw new ConsoleException(
                    SqlState.INVALID_CURSOR_NAME, "portal \"%s\" does not exist".formatted(name));
        }
        return portal;
    }

    /** Answers a Describe. */
    void describe(ByteBuf body, ByteBuf out) throws ConsoleException, ProtocolException {
        boolean ofStatement = body.readByte() == 'S';
        String name = ConsoleText.cstring(body);
        List<Column> columns;
        short[] formats = new short[0];
        if (ofStatement) {
            columns = console.columns(named(name));
            ConsoleWriter.noParameters(out);
        } else {
            Portal portal = portal(name);
            columns = console.columns(portal.statement());
            formats = portal.formats();
        }
        if (columns == null) {
            Messages.bare(out, Backend.NO_DATA);
        } else {
            ConsoleWriter.rowDescription(out, columns, formats);
        }
    }

    /** Answers a Close. */
    void close(ByteBuf body, ByteBuf out) throws ProtocolException {
        boolean ofStatement = body.readByte() == 'S';
        String name = ConsoleText.cstring(body);
        if (ofStatement) {
            prepared.remove(name);
        } else {
            portals.remove(name);
        }
        Messages.bare(out, Backend.CLOSE_COMPLETE);
    }
}
