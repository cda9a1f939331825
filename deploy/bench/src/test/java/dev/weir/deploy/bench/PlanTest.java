package dev.weir.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

class PlanTest {
    private static final Row ROW = Rows.select(List.of("select-simple-20")).getFirst();

    private static Plan plan(Set<Contender> contenders) {
        return new Plan(List.of(ROW), contenders, 4, Duration.ofSeconds(15));
    }

    @Test
    void everyOtherRoundTurnsTheOrderAndLeavesTheReferenceOut() {
        Plan plan = plan(EnumSet.allOf(Contender.class));
        assertThat(plan.turns(ROW, 0))
                .containsExactly(Contender.DIRECT, Contender.PGBOUNCER, Contender.WEIR);
        assertThat(plan.turns(ROW, 1)).containsExactly(Contender.WEIR, Contender.PGBOUNCER);
        assertThat(plan.turns(ROW, 2)).isEqualTo(plan.turns(ROW, 0));
    }

    @Test
    void aLonelyReferenceRunsEveryRound() {
        assertThat(plan(EnumSet.of(Contender.DIRECT)).turns(ROW, 1))
                .containsExactly(Contender.DIRECT);
    }

    @Test
    void rowsWithoutAReferenceHaveNone() {
        Row idle = Rows.select(List.of("idle-sessions")).getFirst();
        assertThat(plan(EnumSet.allOf(Contender.class)).turns(idle, 0))
                .containsExactly(Contender.PGBOUNCER, Contender.WEIR);
    }

    @Test
    void onlyWeirNeedsALongWarmUp() {
        Plan plan = plan(EnumSet.allOf(Contender.class));
        assertThat(plan.warmUp(Contender.WEIR)).isEqualTo(Duration.ofSeconds(15));
        assertThat(plan.warmUp(Contender.PGBOUNCER)).isLessThan(Duration.ofSeconds(15));
    }

    @Test
    void theTimeGrowsWithTheRoundsAndHasALimit() {
        Arena arena = Arenas.of(1);
        Plan few = new Plan(List.of(ROW), Set.of(Contender.WEIR), 1, Duration.ofSeconds(2));
        Plan many = new Plan(List.of(ROW), Set.of(Contender.WEIR), 10, Duration.ofSeconds(2));
        assertThat(many.expected(arena)).isGreaterThan(few.expected(arena).plusSeconds(9));
        assertThat(many.limit(arena)).isGreaterThan(many.expected(arena));
    }

    @Test
    void allRowsHaveDifferentNames() {
        assertThat(Rows.all()).extracting(Row::name).doesNotHaveDuplicates();
    }

    @Test
    void rowsAreChosenByWholeNamesOrBeginnings() {
        assertThat(Rows.select(List.of("select-simple-20")))
                .extracting(Row::name)
                .containsExactly("select-simple-20");
        assertThat(Rows.select(List.of("result")))
                .extracting(Row::name)
                .containsExactly("result-rows", "result-copy", "result-huge");
        assertThat(Rows.select(List.of())).hasSameSizeAs(Rows.all());
    }

    @Test
    void anUnknownRowIsNamedTogetherWithTheKnownOnes() {
        assertThatThrownBy(() -> Rows.select(List.of("tpcb-20", "nonsense")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'nonsense'")
                .hasMessageContaining("connect-storm");
    }

    @Test
    void aProxyThatCannotKeepStatementsRunsExtendedAndSaysSo() {
        Row prepared = Rows.select(List.of("select-prepared-20")).getFirst();
        Arena arena = Arenas.of(3, Contender.WEIR);
        assertThat(prepared.remark(Contender.PGBOUNCER, arena)).contains("-M extended");
        assertThat(prepared.remark(Contender.WEIR, arena)).isNull();
        assertThat(prepared.remark(Contender.DIRECT, arena)).isNull();
    }
}
