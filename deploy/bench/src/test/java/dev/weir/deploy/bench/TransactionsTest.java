package dev.weir.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

class TransactionsTest {
    private static final long SECOND = 1_700_000_000L * 1_000_000;

    private static Transactions of(String log) throws IOException {
        Transactions transactions = new Transactions();
        transactions.parse(log.getBytes(StandardCharsets.US_ASCII));
        return transactions;
    }

    @Test
    void aLineIsClientTransactionLatencyScriptAndTheTimeOfItsEnd() throws IOException {
        Transactions log = of("0 1 250 0 1700000000 000100\n1 1 350 0 1700000001 5\n");
        assertThat(log.count()).isEqualTo(2);
        assertThat(log.firstEndMicros()).isEqualTo(SECOND + 100);
        assertThat(log.lastEndMicros()).isEqualTo(SECOND + 1_000_005);
    }

    @Test
    void fieldsOfNewerVersionsBehindTheTimeAreIgnored() throws IOException {
        assertThat(of("0 1 250 0 1700000000 100 0 0\n").lastEndMicros()).isEqualTo(SECOND + 100);
    }

    @Test
    void aWindowHoldsWhatEndedAfterItsBeginningUpToItsEnd() throws IOException {
        Transactions log =
                of(
                        """
                        0 1 11 0 1700000000 100
                        0 2 22 0 1700000000 200
                        0 3 33 0 1700000000 300
                        0 4 44 0 1700000000 301
                        """);
        assertThat(log.countIn(SECOND + 100, SECOND + 300)).isEqualTo(2);
        assertThat(log.latenciesIn(SECOND + 100, SECOND + 300)).containsExactly(22, 33);
    }

    @Test
    void cyclesRunFromEndToEndOfTheSameClientAndLieWhollyInTheWindow() throws IOException {
        Transactions log =
                of(
                        """
                        0 1 10 0 1700000000 100
                        1 1 10 0 1700000000 150
                        0 2 10 0 1700000000 400
                        1 2 10 0 1700000000 950
                        0 3 10 0 1700000000 1000
                        """);
        assertThat(log.cyclesIn(SECOND + 120, SECOND + 960)).containsExactly(800);
        assertThat(log.cyclesIn(SECOND + 100, SECOND + 1000)).containsExactly(300, 800, 600);
    }

    @Test
    void failedTransactionsAreCountedApart() throws IOException {
        Transactions log = of("0 1 failed 0 1700000000 100\n0 2 10 0 1700000000 200\n");
        assertThat(log.failed()).isEqualTo(1);
        assertThat(log.count()).isEqualTo(1);
    }

    @Test
    void logsOfAnyLengthAreRead() throws IOException {
        StringBuilder log = new StringBuilder();
        for (int i = 0; i < 100_000; i++) {
            log.append("3 ").append(i).append(" 7 0 1700000000 ").append(i).append('\n');
        }
        Transactions read = of(log.toString());
        assertThat(read.count()).isEqualTo(100_000);
        assertThat(read.lastEndMicros()).isEqualTo(SECOND + 99_999);
    }

    @Test
    void whatIsNoLogIsRefused() {
        assertThatThrownBy(() -> of("pgbench: error\n")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> of("0 1 250\n")).isInstanceOf(IOException.class);
    }
}
