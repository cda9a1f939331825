package dev.weir.session.state;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;

final class EffectsTest {
    private final CustomSettings custom = new CustomSettings();

    private int effects(String sql) {
        ByteBuf text = Unpooled.wrappedBuffer(sql.getBytes(UTF_8));
        return Effects.of(text, 0, text.readableBytes(), true, custom);
    }

    @Test
    void ordinaryStatementsHaveNone() {
        assertThat(effects("SELECT abalance FROM pgbench_accounts WHERE aid = 1;"))
                .isEqualTo(Effects.NONE);
        assertThat(effects("INSERT INTO t (temperature, interval_at) VALUES (1, 'set_x')"))
                .isEqualTo(Effects.NONE);
        assertThat(effects("SELECT 'set_config; LISTEN x' AS text")).isEqualTo(Effects.NONE);
    }

    @Test
    void aLockThatEndsWithItsTransactionOnlyKeepsThatFromAReplica() {
        assertThat(effects("SELECT pg_advisory_xact_lock(1)")).isEqualTo(Effects.TRANSACTION_LOCK);
        assertThat(Effects.tie(Effects.TRANSACTION_LOCK)).isTrue();
    }

    @Test
    void settingsAreNoticedWhereverTheyAreSet() {
        assertThat(effects("SET work_mem = '1MB'") & Effects.SETTINGS).isNotZero();
        assertThat(effects("/* x */ SELECT 1; SET app.tenant = '1'") & Effects.SETTINGS)
                .isNotZero();
        assertThat(
                        effects("SELECT pg_catalog.\"set_config\"('a.b', 'c', false)")
                                & Effects.SETTINGS)
                .isNotZero();
        assertThat(custom.names()).contains("app.tenant", "a.b");
    }

    @Test
    void whatIsLocalIsNotAskedFor() {
        assertThat(effects("SET LOCAL app.x = '1'") & Effects.CAPTURED).isZero();
        assertThat(effects("SELECT set_config('app.x', '1', true)") & Effects.CAPTURED).isZero();
        assertThat(effects("SELECT set_config('app.x', '1', $1)") & Effects.SETTINGS).isNotZero();
    }

    @Test
    void aNameThatIsAParameterOrAnExpressionIsToldApart() {
        assertThat(effects("SELECT set_config($1, $2, false)") & Effects.BOUND_NAME).isNotZero();
        assertThat(effects("SELECT set_config(('work_mem'), ('1MB'), false)"))
                .isEqualTo(Effects.SETTINGS);
        assertThat(effects("SELECT set_config(('a' || 'b'), '1', false)") & Effects.DYNAMIC_NAME)
                .isNotZero();
        assertThat(effects("SELECT set_config(lower('A'), '1', false)") & Effects.DYNAMIC_NAME)
                .isNotZero();
        assertThat(effects("SELECT set_config('a' || x, $2, false)") & Effects.DYNAMIC_NAME)
                .isNotZero();
    }

    @Test
    void whatCannotBeMovedIsNoticed() {
        assertThat(effects("CREATE TEMP TABLE t ()") & Effects.TEMPORARY).isNotZero();
        assertThat(effects("SELECT 1 INTO TEMP t") & Effects.TEMPORARY).isNotZero();
        assertThat(effects("SELECT pg_try_advisory_lock(1)") & Effects.ADVISORY).isNotZero();
        assertThat(effects("DECLARE c CURSOR WITH HOLD FOR SELECT 1") & Effects.CURSOR).isNotZero();
        assertThat(effects("LISTEN x") & Effects.LISTEN).isNotZero();
        assertThat(effects("SELECT lastval()") & Effects.SEQUENCE).isNotZero();
        assertThat(effects("SELECT setseed(0)") & Effects.LASTING).isNotZero();
        assertThat(effects("DO $$ BEGIN END $$") & Effects.CAPTURED).isEqualTo(Effects.CAPTURED);
    }
}
