package dev.weir.deploy.bench;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Set;

/** One comparison: the same load on every contender that can take it. */
sealed interface Row permits PgbenchRow, TransferRow, IdleRow, StartRow, CrowdRow {
    /** As {@code --only} takes it. */
    String name();

    /** What it does, for {@code --list} and the report. */
    String about();

    /** Who can take part. */
    Set<Contender> contenders();

    /** How clients log in. */
    Login login();

    /** How many rounds are worth their time when {@code asked} are asked for. */
    int rounds(int asked);

    /** About how long one round of one contender takes. */
    Duration expected(Arena arena);

    /**
     * What a proxy must have done for a while before this row may count; rows with the same answer
     * share that. Null if the row wants no warm proxy.
     */
    @Nullable String habit();

    /** Does uncounted what {@link #habit} names, for about this long. */
    void warmUp(Way way, Arena arena, Duration duration) throws RoundFailure, InterruptedException;

    /** One counted round. */
    Sample measure(Way way, Arena arena) throws RoundFailure, InterruptedException;

    /** What a reader must know of this contender's numbers in this row, or null. */
    default @Nullable String remark(Contender contender, Arena arena) {
        return null;
    }
}
