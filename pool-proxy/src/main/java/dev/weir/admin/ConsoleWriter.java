package dev.weir.admin;

import dev.weir.wire.Backend;
import dev.weir.wire.Messages;

import io.netty.buffer.ByteBuf;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Writes the messages of a result (manual section 54.7). */
final class ConsoleWriter {
    private static final int DIGITS_PER_GROUP = 10_000;

    private ConsoleWriter() {}

    /**
     * @param formats 0 for text, 1 for binary: none, one for all columns, or one for each
     */
    static void rowDescription(ByteBuf out, List<Column> columns, short[] formats) {
        int at = Messages.begin(out, Backend.ROW_DESCRIPTION);
        out.writeShort(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            Messages.cstring(out, column.name());
            out.writeInt(0);
            out.writeShort(0);
            out.writeInt(column.type().oid());
            out.writeShort(column.type().length());
            out.writeInt(-1);
            out.writeShort(format(formats, i));
        }
        Messages.end(out, at);
    }

    static void dataRow(ByteBuf out, List<Column> columns, Row row, short[] formats) {
        int at = Messages.begin(out, Backend.DATA_ROW);
        out.writeShort(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            String value = row.values().get(i);
            if (value == null) {
                out.writeInt(-1);
                continue;
            }
            int lengthAt = out.writerIndex();
            out.writeInt(0);
            if (format(formats, i) == 0) {
                out.writeCharSequence(value, StandardCharsets.UTF_8);
            } else {
                binary(out, columns.get(i).type(), value);
            }
            out.setInt(lengthAt, out.writerIndex() - lengthAt - Integer.BYTES);
        }
        Messages.end(out, at);
    }

    private static short format(short[] formats, int column) {
        return formats.length == 0 ? 0 : formats.length == 1 ? formats[0] : formats[column];
    }

    private static void binary(ByteBuf out, Column.Type type, String value) {
        switch (type) {
            case TEXT -> out.writeCharSequence(value, StandardCharsets.UTF_8);
            case INT4 -> out.writeInt(Integer.parseInt(value));
            case INT8 -> out.writeLong(Long.parseLong(value));
            case NUMERIC -> numeric(out, Long.parseLong(value));
        }
    }

    /** The console's numerics are whole and not negative. */
    private static void numeric(ByteBuf out, long value) {
        List<Integer> groups = new ArrayList<>();
        for (long rest = value; rest > 0; rest /= DIGITS_PER_GROUP) {
            groups.add((int) (rest % DIGITS_PER_GROUP));
        }
        Collections.reverse(groups);
        out.writeShort(groups.size());
        out.writeShort(Math.max(0, groups.size() - 1));
        out.writeShort(0);
        out.writeShort(0);
        groups.forEach(out::writeShort);
    }

    static void noParameters(ByteBuf out) {
        int at = Messages.begin(out, Backend.PARAMETER_DESCRIPTION);
        out.writeShort(0);
        Messages.end(out, at);
    }
}
