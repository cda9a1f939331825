package dev.weir.session.state;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;

import java.util.LinkedHashSet;
import java.util.Set;

class ChannelNamesTest {
    private final Set<String> listened = new LinkedHashSet<>();

    private String rewritten(String text) {
        byte[] bytes = ChannelNames.rewrite(text.getBytes(UTF_8), listened);
        return bytes == null ? text : new String(bytes, UTF_8);
    }

    @Test
    void eachChannelGetsItsStandIn() {
        assertThat(rewritten("LISTEN Orders; UNLISTEN \"a\"\"b\""))
                .isEqualTo("LISTEN \"weir:orders\"; UNLISTEN \"weir:a\"\"b\"");
        assertThat(listened).containsExactly("orders");
    }

    @Test
    void aNameThatIsNotUtf8IsLeftToPostgresql() {
        assertThat(ChannelNames.rewrite("LISTEN caf\u00e9".getBytes(ISO_8859_1), listened))
                .isNull();
        assertThat(listened).isEmpty();
        assertThat(rewritten("LISTEN caf\u00e9")).isEqualTo("LISTEN \"weir:caf\u00e9\"");
    }

    @Test
    void whatStandsDirectlyBehindANameDoesNotBecomePartOfIt() {
        assertThat(rewritten("LISTEN orders\"more\"")).isEqualTo("LISTEN \"weir:orders\" \"more\"");
    }
}
