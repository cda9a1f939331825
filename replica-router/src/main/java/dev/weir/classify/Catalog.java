package dev.weir.classify;

import dev.weir.sql.Lexer;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What the names of one database mean for where a statement may go, whatever the schema: a name
 * that is harmless in one schema and not in another is not harmless. Immutable; any thread may use
 * it.
 */
public final class Catalog {
    /** Below its own marks stand those of {@link Keywords}: one look tells both. */
    private static final int SHIFT = 16;

    /** A function that may run on a replica. */
    static final int FUNCTION = 1 << SHIFT;

    /** A function that may do or see something else on a replica. */
    static final int VOLATILE = FUNCTION << 1;

    /** The same, where it may be called without parentheses: {@code row.function}. */
    static final int HIDDEN = FUNCTION << 2;

    /** A relation, or a type, that must be read on the primary. */
    static final int RELATION = FUNCTION << 3;

    /** It tells of the server, not of its data. */
    static final int SERVER = FUNCTION << 4;

    private static final Catalog UNKNOWN = new Builder().build(false);

    private final WordTable names;
    private final Set<String> volatileOperators;
    private final boolean known;

    private Catalog(WordTable names, Set<String> volatileOperators, boolean known) {
        this.names = names;
        this.volatileOperators = volatileOperators;
        this.known = known;
    }

    /** As long as nothing has been read: no statement may leave the primary. */
    public static Catalog unknown() {
        return UNKNOWN;
    }

    /** Whether it has been read. */
    public boolean known() {
        return known;
    }

    /**
     * What a word means: marks from here, and those of {@link Keywords}, which do not count for an
     * identifier in quotes.
     *
     * @param folded whether its capital letters stand for small ones
     */
    int meaning(byte[] text, int from, int to, boolean folded) {
        return names.mark(text, from, to, WordTable.hash(text, from, to), folded);
    }

    boolean volatileOperator(Lexer lexer) {
        if (volatileOperators.isEmpty()) {
            return false;
        }
        // PostgreSQL may cut + and - off the end of what the lexer takes for one operator.
        String operators = lexer.text();
        return volatileOperators.stream().anyMatch(operators::contains);
    }

    /** Collects what is known. For one thread. */
    static final class Builder {
        private final Map<String, Integer> names = new HashMap<>();
        private final Set<String> volatileOperators = new HashSet<>();

        Builder mark(String name, int mark) {
            names.merge(name, mark, (one, other) -> one | other);
            return this;
        }

        Builder volatileOperators(Collection<String> operators) {
            volatileOperators.addAll(operators);
            return this;
        }

        Catalog build() {
            return build(true);
        }

        private Catalog build(boolean known) {
            Map<String, Integer> all = new HashMap<>(Keywords.MARKS);
            names.forEach((name, mark) -> all.merge(name, mark, (one, other) -> one | other));
            return new Catalog(new WordTable(all), Set.copyOf(volatileOperators), known);
        }
    }
}
