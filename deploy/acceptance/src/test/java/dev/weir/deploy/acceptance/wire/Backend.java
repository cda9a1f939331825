package dev.weir.deploy.acceptance.wire;

import java.util.Map;

/**
 * One message from the server's side, or the end of the connection.
 *
 * @param type the first byte; 0 for the end
 * @param body what follows the length
 */
@SuppressWarnings("ArrayRecordComponent") // compared by its readable text
public record Backend(char type, byte[] body) {
    /** The connection was closed, in order or not. */
    public static final Backend END = new Backend('\0', new byte[0]);

    /** ReadyForQuery outside any transaction. */
    public static final byte IDLE = 'I';

    public boolean isEnd() {
        return type == '\0';
    }

    /** The SQLSTATE of an error or notice. */
    public String sqlState() {
        return field('C');
    }

    /** A field of an error or notice, empty if it is absent. */
    public String field(char code) {
        Map<Character, String> fields = Readable.errorFields(body);
        return fields.getOrDefault(code, "");
    }

    /** As in {@code DataRow(1, null)}; the same for servers that say the same. */
    @Override
    public String toString() {
        return isEnd() ? "(closed)" : Readable.text(type, body);
    }
}
