package dev.weir.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;

class PgbenchRunTest {
    private static final String GOOD =
            """
            pgbench (15.18 (Debian 15.18-0+deb12u1), server 18.6)
            transaction type: <builtin: select only>
            number of transactions actually processed: 39512
            number of failed transactions: 0 (0.000%)
            latency average = 0.101 ms
            initial connection time = 1250.5 ms
            tps = 9882.1 (without initial connection time)
            """;

    @Test
    void aRunWithoutFailuresHasNoError() {
        assertThat(PgbenchRun.error(GOOD)).isNull();
    }

    @Test
    void anAbortedClientIsQuoted() {
        assertThat(
                        PgbenchRun.error(
                                "pgbench: error: client 3 aborted in command 1 (SQL) of script 0\n"
                                        + GOOD))
                .isEqualTo("pgbench: error: client 3 aborted in command 1 (SQL) of script 0");
    }

    @Test
    void theServersWordsAreQuotedBeforePgbenchsOwn() {
        assertThat(
                        PgbenchRun.error(
                                "connection to server failed: FATAL:  no more connections\n"
                                        + "pgbench: error: could not create connection\n"))
                .contains("no more connections");
    }

    @Test
    void failedTransactionsAreAnError() {
        assertThat(PgbenchRun.error(GOOD.replace("transactions: 0", "transactions: 12")))
                .contains("12");
    }

    @Test
    void pgbenchGetsAtMostHalfOfTheCoresAndNeverMoreThreadsThanClients() {
        assertThat(PgbenchRun.threads(1)).isEqualTo(1);
        assertThat(PgbenchRun.threads(1000))
                .isEqualTo(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
    }

    @Test
    void theTimeOfTheLoginsIsAddedOnceItIsKnown() {
        LoginTime login = new LoginTime(30);
        assertThat(login.secondsFor(Duration.ofSeconds(3))).isEqualTo(3);
        login.learn(GOOD);
        assertThat(login.secondsFor(Duration.ofSeconds(3))).isEqualTo(4);
        login.tooShort();
        assertThat(login.secondsFor(Duration.ofSeconds(3))).isEqualTo(6);
    }

    @Test
    void pgbenchNeverRunsForLessThanASecond() {
        assertThat(new LoginTime(0).secondsFor(Duration.ofMillis(10))).isEqualTo(1);
    }
}
