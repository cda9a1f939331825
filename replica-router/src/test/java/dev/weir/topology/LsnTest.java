package dev.weir.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LsnTest {
    @Test
    void isWrittenAsPostgresqlWritesIt() {
        for (String text : new String[] {"0/0", "16/B374D848", "FFFFFFFF/FFFFFFFF", "1/A"}) {
            assertThat(Lsn.text(Lsn.parse(text))).isEqualTo(text);
        }
    }

    @Test
    void comparesWithoutASign() {
        long low = Lsn.parse("7FFFFFFF/0");
        long high = Lsn.parse("80000000/0");
        assertThat(Lsn.max(low, high)).isEqualTo(high);
        assertThat(Lsn.reached(high, low)).isTrue();
        assertThat(Lsn.reached(low, high)).isFalse();
        assertThat(Lsn.reached(low, low)).isTrue();
    }

    @Test
    void refusesWhatIsNone() {
        assertThatThrownBy(() -> Lsn.parse("16B374D848")).isInstanceOf(NumberFormatException.class);
    }
}
