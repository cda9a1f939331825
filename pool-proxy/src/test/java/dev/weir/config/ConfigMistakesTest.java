package dev.weir.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Every mistake that can be made in the file, and what is said of it. */
class ConfigMistakesTest {
    private static final String SECRET = "hunter2";

    @ParameterizedTest(name = "[{index}] {2}")
    @MethodSource("dev.weir.config.KnownMistakes#all")
    void eachMistakeIsNamedWithItsLineAndWhatWasExpected(String text, int line, String message) {
        ConfigException refusal = refusal(text);

        assertThat(refusal.problems()).contains(new Problem("weir.yaml", line, message));
        assertThat(refusal).hasMessageNotContaining(SECRET);
    }

    @Test
    void allMistakesAreToldAtOnceInTheOrderOfTheirLines() {
        ConfigException refusal =
                refusal(
                        """
                        listen-prt: 6432
                        pool-mode: sesion
                        databases:
                          shop: { host: 127.0.0.1, port: 0 }
                        users:
                          app: {}
                        """);

        assertThat(refusal)
                .hasMessage(
                        """
                        weir.yaml:1: unknown key `listen-prt`; did you mean `listen-port`?
                        weir.yaml:2: `pool-mode`: `sesion` is not one of the choices; expected one of session, transaction, statement
                        weir.yaml:4: `port`: `0` is too small; expected a whole number from 1 to 65535
                        weir.yaml:6: user `app` has no `password`; expected one, as `auth-type` is scram-sha-256\
                        """);
    }

    @Test
    void aKeyWithABadValueCausesNoSecondComplaint() {
        assertThat(
                        refusal("default-pool-size: few\nmin-pool-size: 50\n" + KnownMistakes.REST)
                                .problems())
                .hasSize(1);
        assertThat(refusal("auth-type: none\ndatabases: { a: { host: x } }\n").problems())
                .hasSize(1);
    }

    @Test
    void aContradictionOfTheTopLevelIsNotRepeatedForEachDatabase() {
        assertThat(
                        refusal(
                                        "min-pool-size: 50\n"
                                                + KnownMistakes.entry(
                                                        "host: x, pool-mode: session"))
                                .problems())
                .containsExactly(
                        new Problem(
                                "weir.yaml",
                                1,
                                "`min-pool-size` (50) is greater than `default-pool-size` (20); expected at most that"));
    }

    @Test
    void aMissingFileIsNamedWithTheWayToMakeOne(@TempDir Path folder) {
        Path file = folder.resolve("weir.yaml");

        assertThat(refusalOf(file))
                .hasMessage(file + ": there is no such file; `weir init " + file + "` writes one");
    }

    @Test
    void aFolderAndTextThatIsNotUtf8AreRefused(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("weir.yaml");
        Files.write(file, "listen-port: 1\n# caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(refusalOf(folder))
                .hasMessage(folder + ": is a folder; expected a configuration file");
        assertThat(refusalOf(file)).hasMessage(file + ":2: is not UTF-8 text; expected UTF-8");
    }

    @Test
    void aPasswordFileIsLookedForBesideTheConfiguration(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("weir.yaml");
        Files.writeString(
                file, "databases: { a: { host: x } }\nusers:\n  app: { password-file: app.txt }\n");
        Path secret = folder.resolve("app.txt");

        assertThat(refusalOf(file).problems())
                .extracting(Problem::message)
                .containsExactly(
                        "`password-file`: the file %s does not exist; expected a readable file with the password in its first line"
                                .formatted(secret));

        Files.writeString(secret, "\nhunter2\n");
        assertThat(refusalOf(file)).hasMessageContaining("has an empty first line");
        Files.write(secret, new byte[] {(byte) 0xff, '\n'});
        assertThat(refusalOf(file)).hasMessageContaining("is not UTF-8 text");
        Files.writeString(secret, "x".repeat(70_000));
        assertThat(refusalOf(file)).hasMessageContaining("is longer than 64KiB");
    }

    private static ConfigException refusal(String text) {
        Variables variables = new Variables(name -> Map.of("PASS", SECRET).get(name));
        return catchThrowableOfType(
                ConfigException.class,
                () -> new ConfigReader("weir.yaml", Path.of(""), variables).read(text));
    }

    private static ConfigException refusalOf(Path file) {
        return catchThrowableOfType(ConfigException.class, () -> ConfigFile.load(file));
    }

    @Test
    void theTableOfMistakesIsNotEmpty() {
        assertThat(KnownMistakes.all()).hasSizeGreaterThan(60);
    }
}
