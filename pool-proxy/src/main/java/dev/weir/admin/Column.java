package dev.weir.admin;

import java.util.ArrayList;
import java.util.List;

/**
 * A column of what the console shows.
 *
 * @param name as clients see it
 * @param type of its values
 */
record Column(String name, Type type) {
    /** The types that the console has, with PostgreSQL's numbers for them. */
    enum Type {
        TEXT(25, -1),
        INT4(23, 4),
        INT8(20, 8),
        NUMERIC(1700, -1);

        private final int oid;
        private final int length;

        Type(int oid, int length) {
            this.oid = oid;
            this.length = length;
        }

        int oid() {
            return oid;
        }

        /** Bytes of a value; -1 if they vary. */
        int length() {
            return length;
        }

        private static Type of(char letter) {
            return switch (letter) {
                case 's' -> TEXT;
                case 'i' -> INT4;
                case 'q' -> INT8;
                case 'n' -> NUMERIC;
                default -> throw new IllegalArgumentException("no type: " + letter);
            };
        }
    }

    /**
     * Columns of these names.
     *
     * @param types a letter for each: s text, i int4, q int8, n numeric
     */
    static List<Column> list(String types, String... names) {
        if (types.length() != names.length) {
            throw new IllegalArgumentException(
                    "%d types, %d names".formatted(types.length(), names.length));
        }
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
            columns.add(new Column(names[i], Type.of(types.charAt(i))));
        }
        return List.copyOf(columns);
    }
}
