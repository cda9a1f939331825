package dev.weir.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The mistakes found so far in one source. */
final class Problems {
    private final String source;
    private final List<Problem> found = new ArrayList<>();

    Problems(String source) {
        this.source = source;
    }

    /** Adds a mistake in a line; 0 if it is about the whole source. */
    void add(int line, String message) {
        addElsewhere(source, line, message);
    }

    /** Adds a mistake in a file that the source names. */
    void addElsewhere(String file, int line, String message) {
        Problem problem = new Problem(file, line, message);
        if (!found.contains(problem)) {
            found.add(problem);
        }
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    ConfigException exception() {
        return new ConfigException(
                found.stream()
                        .sorted(
                                Comparator.comparing((Problem it) -> !it.source().equals(source))
                                        .thenComparing(Problem::source)
                                        .thenComparingInt(Problem::line))
                        .toList());
    }

    void throwIfAny() throws ConfigException {
        if (!isEmpty()) {
            throw exception();
        }
    }
}
