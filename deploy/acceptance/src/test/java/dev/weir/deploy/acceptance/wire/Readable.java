package dev.weir.deploy.acceptance.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.zip.CRC32;

/** Puts what a server says into words that two servers can be compared by, and people can read. */
final class Readable {
    /** Longer values are told by their beginning, their length and a checksum. */
    private static final int LONG = 120;

    private Readable() {}

    static String text(char type, byte[] bytes) {
        ByteBuffer body = ByteBuffer.wrap(bytes);
        return switch (type) {
            case 'R' -> "Authentication(" + body.getInt() + rest(body) + ")";
            case 'S' -> "ParameterStatus(" + cstring(body) + "=" + cstring(body) + ")";
            case 'K' -> "BackendKeyData";
            case 'Z' -> "ReadyForQuery(" + (char) body.get() + ")";
            case 'T' -> "RowDescription(" + columns(body) + ")";
            case 'D' -> "DataRow(" + values(body) + ")";
            case 'C' -> "CommandComplete(" + cstring(body) + ")";
            case 'E' -> "ErrorResponse(" + fields(body) + ")";
            case 'N' -> "NoticeResponse(" + fields(body) + ")";
            case '1' -> "ParseComplete";
            case '2' -> "BindComplete";
            case '3' -> "CloseComplete";
            case 'n' -> "NoData";
            case 's' -> "PortalSuspended";
            case 'I' -> "EmptyQueryResponse";
            case 'c' -> "CopyDone";
            case 't' -> "ParameterDescription(" + types(body) + ")";
            case 'G' -> "CopyInResponse(" + copyFormats(body) + ")";
            case 'H' -> "CopyOutResponse(" + copyFormats(body) + ")";
            case 'W' -> "CopyBothResponse(" + copyFormats(body) + ")";
            case 'd' -> "CopyData(" + value(bytes) + ")";
            case 'V' -> "FunctionCallResponse(" + sized(body) + ")";
            case 'A' -> "NotificationResponse(" + notification(body) + ")";
            case 'v' -> "NegotiateProtocolVersion(" + body.getInt() + rest(body) + ")";
            default -> type + "(" + value(bytes) + ")";
        };
    }

    /** The fields of an error or a notice by their codes (manual section 54.8). */
    static Map<Character, String> errorFields(byte[] bytes) {
        ByteBuffer body = ByteBuffer.wrap(bytes);
        Map<Character, String> fields = new LinkedHashMap<>();
        for (byte code = body.get(); code != 0; code = body.get()) {
            fields.put((char) code, cstring(body));
        }
        return fields;
    }

    private static String fields(ByteBuffer body) {
        Map<Character, String> fields = errorFields(body.array());
        StringBuilder text = new StringBuilder();
        text.append(fields.remove('S'))
                .append(' ')
                .append(fields.remove('C'))
                .append(' ')
                .append(fields.remove('M'));
        fields.forEach((code, value) -> {
            // V repeats S in a server that speaks English.
            if (code != 'V') {
                text.append("; ").append(code).append('=').append(escaped(value));
            }
        });
        return text.toString();
    }

    private static String columns(ByteBuffer body) {
        StringJoiner columns = new StringJoiner(", ");
        for (int left = body.getShort(); left > 0; left--) {
            StringBuilder column = new StringBuilder(cstring(body));
            int table = body.getInt();
            int attribute = body.getShort();
            column.append(':').append(body.getInt());
            body.getShort();
            int modifier = body.getInt();
            if (modifier != -1) {
                column.append('(').append(modifier).append(')');
            }
            if (table != 0) {
                // The table's own number differs from one test run to the next.
                column.append("@").append(attribute);
            }
            if (body.getShort() == 1) {
                column.append("/binary");
            }
            columns.add(column);
        }
        return columns.toString();
    }

    private static String values(ByteBuffer body) {
        StringJoiner values = new StringJoiner(", ");
        for (int left = body.getShort(); left > 0; left--) {
            values.add(sized(body));
        }
        return values.toString();
    }

    private static String sized(ByteBuffer body) {
        int length = body.getInt();
        if (length < 0) {
            return "null";
        }
        byte[] value = new byte[length];
        body.get(value);
        return value(value);
    }

    private static String types(ByteBuffer body) {
        StringJoiner types = new StringJoiner(", ");
        for (int left = body.getShort(); left > 0; left--) {
            types.add(String.valueOf(body.getInt()));
        }
        return types.toString();
    }

    private static String copyFormats(ByteBuffer body) {
        String overall = body.get() == 0 ? "text" : "binary";
        int columns = body.getShort();
        int[] formats = new int[columns];
        for (int i = 0; i < columns; i++) {
            formats[i] = body.getShort();
        }
        return overall + " " + Arrays.toString(formats);
    }

    private static String notification(ByteBuffer body) {
        body.getInt();
        return cstring(body) + ", " + cstring(body);
    }

    private static String rest(ByteBuffer body) {
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        return bytes.length == 0 ? "" : " " + value(bytes);
    }

    private static String cstring(ByteBuffer body) {
        int start = body.position();
        while (body.get() != 0) {
            // Looking for the end.
        }
        return new String(body.array(), start, body.position() - 1 - start, UTF_8);
    }

    /** Text where it is text, else hexadecimal. */
    static String value(byte[] bytes) {
        if (bytes.length > LONG) {
            CRC32 sum = new CRC32();
            sum.update(bytes);
            return "%s... %d bytes, sum %08x"
                    .formatted(value(Arrays.copyOf(bytes, 20)), bytes.length, sum.getValue());
        }
        try {
            String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            if (text.chars().allMatch(c -> c >= ' ' || c == '\n' || c == '\t' || c == '\r')) {
                return escaped(text);
            }
        } catch (CharacterCodingException e) {
            // No text: shown as bytes.
        }
        return "x'" + HexFormat.of().formatHex(bytes) + "'";
    }

    private static String escaped(String text) {
        return text.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r");
    }
}
