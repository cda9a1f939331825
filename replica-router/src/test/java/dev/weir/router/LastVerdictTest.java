package dev.weir.router;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.classify.Catalog;
import dev.weir.classify.Reason;
import dev.weir.classify.Verdict;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Random;

class LastVerdictTest {
    private static final List<String> TEXTS =
            List.of(
                    "SELECT 0",
                    "SELECT 1",
                    "SELECT 27, 'a'",
                    "SELECT 3, 'it''s'",
                    "SELECT 1 FOR UPDATE",
                    "SELECT 2 FOR UPDATE",
                    "INSERT INTO t VALUES (1)",
                    "INSERT INTO t VALUES (22, 'b')",
                    "/* weir: primary */ SELECT 1",
                    "/* weir: primary */ SELECT 2",
                    "/* weir: replica */ SELECT 2",
                    "SELECT '/* weir: primary */', 2",
                    "SELECT 1 -- 2",
                    "BEGIN",
                    "");

    private final Verdicts verdicts = new Verdicts();
    private final LastVerdict last = new LastVerdict();

    private void known(String text, Reason reason) {
        verdicts.remember(text.getBytes(UTF_8), new Verdict(reason, ""));
    }

    private Verdict ask(String text) {
        return verdicts.of(text.getBytes(UTF_8), false, last);
    }

    @Test
    void whoRemembersTheLastIsToldTheSame() {
        Random random = new Random(7);
        for (int i = 0; i < 5_000; i++) {
            byte[] text = TEXTS.get(random.nextInt(TEXTS.size())).getBytes(UTF_8);
            boolean replica = random.nextInt(4) == 0;
            assertThat(verdicts.of(text, replica, last))
                    .as(new String(text, UTF_8))
                    .isEqualTo(new Verdicts().of(text, replica));
        }
    }

    @Test
    void whatAReplicaHasRefusedIsNotTakenForAReadAgain() {
        known("SELECT 5", Reason.READ);
        assertThat(ask("SELECT 5").mayLeave()).isTrue();
        assertThat(ask("SELECT 6").mayLeave()).isTrue();
        known("SELECT 6", Reason.REFUSED);
        assertThat(ask("SELECT 7").reason()).isEqualTo(Reason.REFUSED);
    }

    @Test
    void anotherStateOfTheCatalogIsAskedAtOnce() {
        known("SELECT 5", Reason.READ);
        assertThat(ask("SELECT 6").mayLeave()).isTrue();
        verdicts.catalog(Catalog.unknown());
        assertThat(ask("SELECT 6").mayLeave()).isFalse();
    }

    @Test
    void aLongTextIsToldAsWell() {
        String text = "SELECT 1, '" + "a".repeat(5_000) + "'";
        known(text, Reason.READ);
        assertThat(ask(text).mayLeave()).isTrue();
        assertThat(ask(text + " FOR UPDATE").mayLeave()).isFalse();
        assertThat(ask(text).mayLeave()).isTrue();
    }
}
