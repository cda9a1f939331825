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
        Problem problem = new Problem(source, line, message);
        if (!found.contains(problem)) {
            found.add(problem);
        }
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    ConfigException exception() {
        return new ConfigException(
                found.stream().sorted(Comparator.comparingInt(Problem::line)).toList());
    }

    void throwIfAny() throws ConfigException {
        if (!isEmpty()) {
            throw exception();
        }
    }
}
