package dev.weir.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration cannot be used. It tells of all mistakes at once. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    /**
     * These mistakes.
     *
     * @param problems at least one
     */
    public ConfigException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** In the order of their lines. */
    public List<Problem> problems() {
        return problems;
    }
}
