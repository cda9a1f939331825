package dev.weir.sql;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

final class LexerTest {
    private static List<String> tokens(String sql) {
        Lexer lexer = new Lexer(sql.getBytes(UTF_8));
        List<String> tokens = new ArrayList<>();
        while (lexer.next() != TokenKind.END) {
            tokens.add(lexer.kind() + " " + lexer.text());
        }
        return tokens;
    }

    @Test
    void commentsNestAndAreSkipped() {
        assertThat(tokens("a /* b /* c */ d */ e -- f\ng"))
                .containsExactly("WORD a", "WORD e", "WORD g");
    }

    @Test
    void aDashDashEndsAnOperator() {
        assertThat(tokens("a @>--x\nb")).containsExactly("WORD a", "OPERATOR @>", "WORD b");
    }

    @Test
    void stringsOfEveryFormAreOneToken() {
        assertThat(tokens("'it''s' E'a\\'b' $x$ ' $y$ $x$ U&'d\\0061' b'01'"))
                .containsExactly(
                        "STRING 'it''s'",
                        "STRING E'a\\'b'",
                        "STRING $x$ ' $y$ $x$",
                        "STRING U&'d\\0061'",
                        "STRING b'01'");
    }

    @Test
    void aStringGoesOnBehindANewline() {
        assertThat(tokens("'a'\n 'b' 'c'")).containsExactly("STRING 'a'\n 'b'", "STRING 'c'");
    }

    @Test
    void aStringGoesOnBehindTheNewlineOfACommentWithItsEscapes() {
        assertThat(tokens("E'a' -- b\n'\\' c' d"))
                .containsExactly("STRING E'a' -- b\n'\\' c'", "WORD d");
    }

    @Test
    void lettersGluedToANumberAreNeverPassedOver() {
        assertThat(tokens("1FOR")).containsExactly("BROKEN 1FOR");
        assertThat(tokens("1.into")).containsExactly("BROKEN 1.into");
        assertThat(tokens("0xfor")).containsExactly("BROKEN 0xfor");
        assertThat(tokens("1efor")).containsExactly("BROKEN 1efor");
        assertThat(tokens("1_000 0xFF 0o17 0b1 1.5e-3 .5E2"))
                .containsExactly(
                        "NUMBER 1_000",
                        "NUMBER 0xFF",
                        "NUMBER 0o17",
                        "NUMBER 0b1",
                        "NUMBER 1.5e-3",
                        "NUMBER .5E2");
    }

    @Test
    void aDollarWithinAWordBeginsNoString() {
        assertThat(tokens("a$b$c $1")).containsExactly("WORD a$b$c", "PARAMETER $1");
    }

    @Test
    void whatDoesNotEndIsBroken() {
        assertThat(tokens("'a")).containsExactly("BROKEN 'a");
        assertThat(tokens("\"a")).containsExactly("BROKEN \"a");
        assertThat(tokens("$$ a")).containsExactly("BROKEN $$ a");
        assertThat(tokens("a /* b")).containsExactly("WORD a", "BROKEN /* b");
    }

    @Test
    void aBackslashInAPlainStringIsAmbiguous() {
        Lexer lexer = new Lexer("'a\\' b".getBytes(UTF_8));
        lexer.next();
        assertThat(lexer.ambiguous()).isTrue();
    }

    @Test
    void aHexadecimalNumberHasNoExponent() {
        assertThat(tokens("0xe--'\n1e-5")).containsExactly("NUMBER 0xe", "NUMBER 1e-5");
    }

    @Test
    void anyBytesComeToAnEnd() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        String alphabet = "aE_$'\"\\/*-;.:10(),\n u&U";
        for (int n = 0; n < 20_000; n++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(30);
            for (int i = 0; i < length; i++) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            Lexer lexer = new Lexer(text.toString().getBytes(UTF_8));
            int last = 0;
            while (lexer.next() != TokenKind.END) {
                assertThat(lexer.stop()).as("seed %d: %s", seed, text).isGreaterThan(last);
                last = lexer.stop();
            }
        }
    }
}
