package dev.weir.deploy.bench;

import java.util.Arrays;
import java.util.List;

/**
 * A table of text, for a terminal or for Markdown. The first {@code leftColumns} columns are set to
 * the left, the others to the right.
 *
 * @param headers one per column
 * @param lines cells, as many as there are headers; an empty list is a gap between groups
 * @param leftColumns how many columns hold words
 */
record Table(List<String> headers, List<List<String>> lines, int leftColumns) {
    Table {
        headers = List.copyOf(headers);
        lines = lines.stream().map(List::copyOf).toList();
        for (List<String> line : lines) {
            if (!line.isEmpty() && line.size() != headers.size()) {
                throw new IllegalArgumentException("a line of " + line.size() + " cells: " + line);
            }
        }
    }

    /** With aligned columns and a rule below the headers. */
    String text() {
        int[] widths = new int[headers.size()];
        widen(widths, headers);
        lines.forEach(line -> widen(widths, line));
        StringBuilder text = new StringBuilder();
        line(text, headers, widths);
        line(text, rules(widths), widths);
        for (List<String> line : lines) {
            line(text, line, widths);
        }
        return text.toString();
    }

    private static List<String> rules(int[] widths) {
        return Arrays.stream(widths).mapToObj("-"::repeat).toList();
    }

    private static void widen(int[] widths, List<String> cells) {
        for (int i = 0; i < cells.size(); i++) {
            widths[i] = Math.max(widths[i], cells.get(i).length());
        }
    }

    private void line(StringBuilder text, List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            String padding = " ".repeat(widths[i] - cells.get(i).length());
            line.append(i == 0 ? "" : "  ")
                    .append(i < leftColumns ? cells.get(i) + padding : padding + cells.get(i));
        }
        text.append(line.toString().stripTrailing()).append('\n');
    }

    /** As GitHub reads it. */
    String markdown() {
        StringBuilder text = new StringBuilder();
        markdownLine(text, headers);
        text.append('|');
        for (int i = 0; i < headers.size(); i++) {
            text.append(i < leftColumns ? "---|" : "---:|");
        }
        text.append('\n');
        lines.stream().filter(line -> !line.isEmpty()).forEach(line -> markdownLine(text, line));
        return text.toString();
    }

    private static void markdownLine(StringBuilder text, List<String> cells) {
        text.append("| ");
        text.append(String.join(" | ", cells.stream().map(c -> c.replace("|", "\\|")).toList()));
        text.append(" |\n");
    }
}
