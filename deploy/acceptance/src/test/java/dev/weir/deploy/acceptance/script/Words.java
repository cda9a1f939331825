package dev.weir.deploy.acceptance.script;

import java.util.ArrayList;
import java.util.List;

/**
 * The words of one line: separated by blanks, or in quotes with backslash escapes, which {@code
 * *100} behind the closing quote repeats.
 */
final class Words {
    private final String line;
    private final List<String> words = new ArrayList<>();
    private int at;

    private Words(String line) {
        this.line = line;
    }

    static List<String> of(String line) {
        return new Words(line).read();
    }

    private List<String> read() {
        while (skipBlanks()) {
            words.add(line.charAt(at) == '"' ? quoted() : bare());
        }
        return words;
    }

    private boolean skipBlanks() {
        while (at < line.length() && line.charAt(at) == ' ') {
            at++;
        }
        return at < line.length();
    }

    private String bare() {
        int start = at;
        while (at < line.length() && line.charAt(at) != ' ') {
            at++;
        }
        return line.substring(start, at);
    }

    private String quoted() {
        StringBuilder word = new StringBuilder();
        at++;
        while (line.charAt(at) != '"') {
            char c = line.charAt(at++);
            word.append(c == '\\' ? escaped(line.charAt(at++)) : c);
        }
        at++;
        if (at < line.length() && line.charAt(at) == '*') {
            at++;
            return word.toString().repeat(Integer.parseInt(bare()));
        }
        return word.toString();
    }

    private static char escaped(char c) {
        return switch (c) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case '0' -> '\0';
            case '"', '\\' -> c;
            default -> throw new IllegalArgumentException("unknown escape \\" + c);
        };
    }
}
