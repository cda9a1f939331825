package dev.weir.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

/** What is typed at the console, taken apart. */
class ConsoleTextTest {
    private static List<List<String>> words(String text) throws ConsoleException {
        return ConsoleText.statements(text).stream()
                .map(statement -> statement.stream().map(ConsoleText.Word::text).toList())
                .toList();
    }

    @Test
    void statementsStandBetweenSemicolons() throws Exception {
        assertThat(words("show pools; PAUSE db ;;  "))
                .containsExactly(List.of("show", "pools"), List.of("PAUSE", "db"));
        assertThat(words(" -- nothing\n/* at ; all */ ;")).isEmpty();
    }

    @Test
    void quotesKeepWhatIsBetweenThem() throws Exception {
        assertThat(words("PAUSE \"my; \"\"db\"")).containsExactly(List.of("PAUSE", "my; \"db"));
        assertThat(words("set a='it''s'")).containsExactly(List.of("set", "a", "=", "it's"));
        assertThat(ConsoleText.statements("\"SHOW\" Pools").getFirst())
                .extracting(ConsoleText.Word::lower)
                .containsExactly("SHOW", "pools");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PAUSE \"db", "SET a = 'b", "SHOW /* what"})
    void whatHasNoEndIsASyntaxError(String text) {
        assertThatThrownBy(() -> words(text)).isInstanceOf(ConsoleException.class);
    }
}
