package dev.weir.classify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.classify.TransactionCommand.Kind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

class TransactionCommandTest {
    private static TransactionCommand read(String sql) {
        return TransactionCommand.read(sql.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    BEGIN | BEGIN
                    begin work; | BEGIN
                    /* a */ BEGIN TRANSACTION -- b | BEGIN
                    START TRANSACTION | START
                    COMMIT | COMMIT
                    END WORK ;; | COMMIT
                    ROLLBACK TRANSACTION | ROLLBACK
                    abort | ROLLBACK
                    SET TRANSACTION READ WRITE | SET
                    """)
    void theKindIsTold(String sql, Kind kind) {
        TransactionCommand command = Objects.requireNonNull(read(sql));
        assertThat(command.kind()).isEqualTo(kind);
        assertThat(command.alone()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    BEGIN | TRANSACTION
                    BEGIN READ ONLY | READ
                    START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY | READ
                    BEGIN READ ONLY READ WRITE | TRANSACTION
                    BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY | ISOLATION
                    BEGIN READ ONLY, DEFERRABLE | ISOLATION
                    BEGIN READ ONLY NOT DEFERRABLE ISOLATION LEVEL READ UNCOMMITTED | READ
                    SET TRANSACTION READ ONLY | READ
                    """)
    void itsModesAreRead(String sql, Reason reason) {
        assertThat(Objects.requireNonNull(read(sql)).modes().reason()).isEqualTo(reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SELECT 1",
                "BEGIN READ",
                "BEGIN READ ONLY,",
                "BEGIN \"read\" only",
                "START WORK",
                "SET TRANSACTION",
                "SET TRANSACTION SNAPSHOT 'a'",
                "SET LOCAL transaction_read_only = on",
                "COMMIT AND CHAIN",
                "COMMIT PREPARED 'a'",
                "ROLLBACK TO a",
                "ROLLBACK WORK TO a",
                "BEGIN ISOLATION LEVEL read only"
            })
    void allElseIsNone(String sql) {
        assertThat(read(sql)).isNull();
    }

    @Test
    void whatFollowsBeginsBehindTheSemicolon() {
        TransactionCommand command = Objects.requireNonNull(read("BEGIN READ ONLY; SELECT 1"));
        assertThat(command.alone()).isFalse();
        assertThat(command.rest()).isEqualTo(17);
    }
}
