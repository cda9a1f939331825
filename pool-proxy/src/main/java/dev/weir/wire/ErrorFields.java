package dev.weir.wire;

import io.netty.buffer.ByteBuf;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The fields of an ErrorResponse or NoticeResponse (manual section 54.8). A field that a server
 * leaves out reads as empty: no server, however odd, may make Weir stumble.
 *
 * @param fields value by field code
 */
public record ErrorFields(Map<Character, String> fields) {
    /**
     * Reads {@code length} bytes at {@code index}, without moving any index of {@code in}.
     *
     * @param index the first field's code
     */
    public static ErrorFields read(ByteBuf in, int index, int length) {
        Map<Character, String> fields = new LinkedHashMap<>();
        int at = index;
        int end = index + length;
        while (at < end && in.getByte(at) != 0) {
            char code = (char) (in.getByte(at) & 0xff);
            int stop = in.indexOf(at + 1, end, (byte) 0);
            if (stop < 0) {
                break;
            }
            fields.put(code, in.toString(at + 1, stop - at - 1, StandardCharsets.UTF_8));
            at = stop + 1;
        }
        return new ErrorFields(fields);
    }

    /** The five characters of the SQLSTATE, or an empty text. */
    public String sqlState() {
        return fields.getOrDefault('C', "");
    }

    public String message() {
        return fields.getOrDefault('M', "");
    }

    /** The function in the server's source that reported it. */
    public String routine() {
        return fields.getOrDefault('R', "");
    }

    /** The severity in the server's own, untranslated words. */
    public String severity() {
        String fixed = fields.get('V');
        return fixed != null ? fixed : fields.getOrDefault('S', "");
    }

    /** Whether the sender ends the connection after this. */
    public boolean fatal() {
        String severity = severity();
        return severity.equals("FATAL") || severity.equals("PANIC");
    }
}
