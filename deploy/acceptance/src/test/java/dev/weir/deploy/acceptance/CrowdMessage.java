package dev.weir.deploy.acceptance;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A backend message (manual 54.7).
 *
 * @param type its first byte
 * @param body what follows its length
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record CrowdMessage(char type, byte[] body) {
    private static final int SHOWN = 120;

    /** What it says, in the form in which a {@link CrowdExchange} says what it expects. */
    String said() {
        return switch (type) {
            case 'D' -> "D" + row();
            case 'C' -> "C" + text(0);
            case 'Z' -> "Z" + (char) body[0];
            case 'E' -> "E" + field('C');
            case 'N' -> "N" + field('M');
            case 'd' -> "d" + new String(body, StandardCharsets.UTF_8).strip();
            default -> String.valueOf(type);
        };
    }

    /** The columns of a DataRow in text form. */
    List<String> row() {
        ByteBuffer in = ByteBuffer.wrap(body);
        int count = in.getShort();
        List<String> columns = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int length = in.getInt();
            columns.add(
                    length < 0
                            ? null
                            : new String(body, in.position(), length, StandardCharsets.UTF_8));
            in.position(in.position() + Math.max(0, length));
        }
        return columns;
    }

    /** A field of an ErrorResponse or NoticeResponse; empty if it has none. */
    String field(char code) {
        int at = 0;
        while (at < body.length && body[at] != 0) {
            String value = text(at + 1);
            if (body[at] == code) {
                return value;
            }
            at += value.getBytes(StandardCharsets.UTF_8).length + 2;
        }
        return "";
    }

    boolean fatal() {
        return type == 'E' && field('V').equals("FATAL");
    }

    private String text(int from) {
        int end = from;
        while (body[end] != 0) {
            end++;
        }
        return new String(body, from, end - from, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        String said = type == 'E' ? said() + " " + field('M') : said();
        return said.length() <= SHOWN ? said : said.substring(0, SHOWN) + "...";
    }
}
