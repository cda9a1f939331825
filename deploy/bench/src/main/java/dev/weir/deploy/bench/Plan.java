package dev.weir.deploy.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Who does what how often. Immutable.
 *
 * @param rows in this order
 * @param contenders who takes part
 * @param rounds asked for, at least 1
 * @param warmUp how long Weir practises each habit before it counts
 */
record Plan(List<Row> rows, Set<Contender> contenders, int rounds, Duration warmUp) {
    /** What needs no compiler warms in this time. */
    private static final Duration SHORT_WARM_UP = Duration.ofSeconds(2);

    private static final Duration PER_ROW = Duration.ofSeconds(1);
    private static final Duration SLACK = Duration.ofMinutes(2);

    Plan {
        rows = List.copyOf(rows);
        contenders = Set.copyOf(contenders);
    }

    /** Those who take part in a row, in the order of their declaration. */
    List<Contender> contenders(Row row) {
        return row.contenders().stream().filter(contenders::contains).sorted().toList();
    }

    /** How long a contender practises a habit that it has not had since it started. */
    Duration warmUp(Contender contender) {
        return contender == Contender.WEIR || warmUp.compareTo(SHORT_WARM_UP) < 0
                ? warmUp
                : SHORT_WARM_UP;
    }

    /**
     * Whose turn it is in a round: every other round in reverse, so that nobody always follows the
     * same other. PostgreSQL alone is the reference and not a member of the pairs: every second
     * round is enough.
     */
    List<Contender> turns(Row row, int round) {
        List<Contender> turns = new ArrayList<>(contenders(row));
        if (round % 2 == 1) {
            if (turns.size() > 1) {
                turns.remove(Contender.DIRECT);
            }
            return turns.reversed();
        }
        return turns;
    }

    /** About how long all of it takes. */
    Duration expected(Arena arena) {
        Duration sum = Duration.ofSeconds(6);
        Set<String> habits = new HashSet<>();
        for (Row row : rows) {
            Duration round = row.expected(arena);
            sum = sum.plus(PER_ROW);
            for (int i = 0; i < row.rounds(rounds); i++) {
                sum = sum.plus(round.multipliedBy(turns(row, i).size()));
            }
            String habit = row.habit();
            if (habit != null && habits.add(habit)) {
                for (Contender contender : contenders(row)) {
                    sum = sum.plus(warmUp(contender));
                }
            } else if (habit != null) {
                sum = sum.plus(contenders(row).isEmpty() ? Duration.ZERO : round);
            }
        }
        return sum;
    }

    /** When whatever is left is not begun any more. */
    Duration limit(Arena arena) {
        return expected(arena).multipliedBy(2).plus(SLACK);
    }
}
