package dev.weir.sql;

/** Where a number ends (manual 4.1.2.6). */
final class Numbers {
    private final byte[] text;
    private final int first;
    private final int end;
    private final boolean hexadecimal;
    private final boolean prefixed;

    /**
     * A number that begins at {@code first}, with a digit, or with a dot before one, and is over
     * before {@code end}.
     */
    Numbers(byte[] text, int first, int end) {
        this.text = text;
        this.first = first;
        this.end = end;
        int radix = text[first] == '0' ? at(first + 1) | 0x20 : 0;
        hexadecimal = radix == 'x';
        prefixed = hexadecimal || radix == 'o' || radix == 'b';
    }

    /**
     * The index behind it; negative if letters are glued to it: an error in PostgreSQL, or a word
     * of their own before version 15.
     */
    int stop() {
        int at = first;
        boolean glued = false;
        while (true) {
            int b = at(at);
            if (Characters.is(b, Characters.PART)) {
                glued |= !Characters.is(b, Characters.DIGIT) && !belongs(at);
            } else if (!isExponentSign(at) && !(b == '.' && at(at + 1) != '.')) {
                return glued ? -at : at;
            }
            at++;
        }
    }

    private int at(int index) {
        return index < end ? text[index] & 0xff : -1;
    }

    private boolean isSign(int index) {
        return at(index) == '+' || at(index) == '-';
    }

    private boolean isExponentSign(int index) {
        return isSign(index)
                && !hexadecimal
                && index > first
                && (text[index - 1] | 0x20) == 'e'
                && Characters.is(at(index + 1), Characters.DIGIT);
    }

    /** Whether a letter, underscore or dollar sign may stand there. */
    private boolean belongs(int index) {
        int b = text[index];
        if (b == '_') {
            return Characters.is(at(index + 1), Characters.HEX_DIGIT);
        }
        if (prefixed) {
            return index == first + 1
                    || (hexadecimal && Characters.is(at(index), Characters.HEX_DIGIT));
        }
        int next = isSign(index + 1) ? index + 2 : index + 1;
        return (b | 0x20) == 'e' && Characters.is(at(next), Characters.DIGIT);
    }
}
