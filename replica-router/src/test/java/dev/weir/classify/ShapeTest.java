package dev.weir.classify;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.sql.Lexer;
import dev.weir.sql.Shape;
import dev.weir.sql.TokenKind;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;

class ShapeTest {
    private static @Nullable String shape(String sql) {
        byte[] shape = Shape.of(sql.getBytes(UTF_8));
        return shape == null ? null : new String(shape, UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    SELECT a FROM t WHERE b = 123 | SELECT a FROM t WHERE b = 0
                    SELECT 1.25, -7, t1.c2 FROM t1 LIMIT 10 | SELECT 0.0, -0, t1.c2 FROM t1 LIMIT 0
                    SELECT f('it''s', $1, 'b 2') | SELECT f('''', $1, '')
                    SELECT E'a', N'b' | SELECT E'', N''
                    """)
    void numbersAndStringsAreLeftOut(String sql, String shape) {
        assertThat(shape(sql)).isEqualTo(shape);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT a FROM t",
                "SELECT 1 /* ' */",
                "SELECT 1 -- 2",
                "SELECT \"1a\"()",
                "SELECT 'a\\'",
                "SELECT 'a -- b'",
                "SELECT $$a$$, 1",
                "SELECT 0x1F",
                "SELECT 1_000",
                "SELECT 1e5",
                "SELECT 'a",
            })
    void whatIsNotCertainHasNone(String sql) {
        assertThat(shape(sql)).isNull();
    }

    @Test
    void theTokensOfATextAreThoseOfItsShape() throws IOException {
        List<String> corpus = corpus();
        long seed = System.nanoTime();
        System.out.println("ShapeTest: seed " + seed);
        OddStatements odd = new OddStatements(new Random(seed), corpus);
        List<String> texts = new ArrayList<>(corpus);
        for (int i = 0; i < 20_000; i++) {
            texts.add(odd.next());
        }
        int shapes = 0;
        for (String text : texts) {
            String shape = shape(text);
            if (shape != null) {
                shapes++;
                assertThat(tokens(shape)).as(text).isEqualTo(tokens(text));
                assertThat(shape(shape)).as("the shape of the shape of %s", text).isNull();
                assertThat(Classifier.classify(shape.getBytes(UTF_8), Catalog.unknown()))
                        .as(text)
                        .isEqualTo(Classifier.classify(text.getBytes(UTF_8), Catalog.unknown()));
            }
        }
        assertThat(shapes).isGreaterThan(200);
    }

    @Test
    void aTextMatchesTheShapeThatItHasAndNoOther() throws IOException {
        List<String> corpus = corpus();
        long seed = System.nanoTime();
        System.out.println("ShapeTest: seed " + seed);
        Random random = new Random(seed);
        OddStatements odd = new OddStatements(random, corpus);
        List<String> texts = new ArrayList<>(corpus);
        for (int i = 0; i < 3_000; i++) {
            texts.add(odd.next());
        }
        for (int i = 0; i < 3_000; i++) {
            texts.add(fragments(random));
        }
        List<byte[]> shapes =
                texts.stream()
                        .map(text -> Shape.of(text.getBytes(UTF_8)))
                        .filter(Objects::nonNull)
                        .toList();
        int matches = 0;
        for (String text : texts) {
            byte[] bytes = text.getBytes(UTF_8);
            byte[] own = Shape.of(bytes);
            if (own != null) {
                assertThat(Shape.matches(bytes, own)).as(text).isTrue();
            }
            for (int i = 0; i < 200; i++) {
                byte[] shape = shapes.get(random.nextInt(shapes.size()));
                boolean same = Arrays.equals(shape, own);
                matches += same ? 1 : 0;
                assertThat(Shape.matches(bytes, shape))
                        .as("%s and %s", text, new String(shape, UTF_8))
                        .isEqualTo(same);
            }
        }
        assertThat(matches).isGreaterThan(1_000);
    }

    /** Short texts, many of which differ in little. */
    private static String fragments(Random random) {
        String[] parts = {
            "a", "1", "00", "0", "''", "'b'", "'1'", " ", "-", "\"", "\\", "$1", "$", "_", "'"
        };
        StringBuilder text = new StringBuilder();
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            text.append(parts[random.nextInt(parts.length)]);
        }
        return text.toString();
    }

    /** Kinds, and the texts of all but numbers and strings; up to where the lexer gives up. */
    private static List<String> tokens(String sql) {
        Lexer lexer = new Lexer(sql.getBytes(UTF_8));
        List<String> tokens = new ArrayList<>();
        while (lexer.next() != TokenKind.END) {
            switch (lexer.kind()) {
                case STRING, NUMBER -> tokens.add(lexer.kind().name());
                case BROKEN -> {
                    tokens.add(lexer.kind().name());
                    return tokens;
                }
                default -> tokens.add(lexer.kind() + " " + lexer.text());
            }
        }
        return tokens;
    }

    private static List<String> corpus() throws IOException {
        return CorpusIT.resource("corpus.sql")
                .lines()
                .filter(line -> !line.startsWith("#") && !line.isEmpty())
                .map(line -> line.substring(line.indexOf(' ') + 1))
                .toList();
    }
}
