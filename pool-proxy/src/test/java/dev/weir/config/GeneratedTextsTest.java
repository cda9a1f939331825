package dev.weir.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What is made from the key table. */
class GeneratedTextsTest {
    private static final Path PAGE = Path.of("../deploy/docs/configuration.md");
    private static final String MEND =
            "mvn -q -pl pool-proxy -am test -Dtest=GeneratedTextsTest"
                    + " -Dsurefire.failIfNoSpecifiedTests=false -Dweir.page=write";

    @Test
    void theReferencePageSaysWhatTheTableSays() throws IOException {
        if ("write".equals(System.getProperty("weir.page"))) {
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, ReferencePage.text());
        }

        assertThat(PAGE).as("write it again with: %s", MEND).hasContent(ReferencePage.text());
    }

    @Test
    void theSampleFileIsValidAndChangesNoDefault() throws ConfigException {
        WeirConfig sample = ConfigFile.parse(SampleFile.text(), "sample");

        WeirConfig defaults =
                ConfigFile.parse(
                        """
                        databases: { shop: { host: 127.0.0.1 } }
                        users: { app: { password: change-me } }
                        """,
                        "defaults");
        assertThat(sample).isEqualTo(defaults);
    }

    @Test
    void theSampleFileNamesEveryKey() {
        for (Key<?, ?> key : keys()) {
            assertThat(SampleFile.text()).containsPattern("(?m)^[ #]*" + key.name() + ": ");
        }
        assertThat(SampleFile.text().lines()).allMatch(line -> line.length() <= 100);
    }

    @Test
    void theExamplesInTheSampleFileAreValidToo() throws ConfigException {
        String all =
                SampleFile.text()
                        .lines()
                        .map(line ->
                                line.matches("  # ( +[a-z-]+: .*|other:)")
                                        ? "  " + line.substring(4)
                                        : line)
                        .filter(line -> !line.contains("password-file:"))
                        .reduce("", (text, line) -> text + line + "\n");
        Variables variables = new Variables(_ -> "x");

        WeirConfig config = new ConfigReader("sample", Path.of(""), variables).read(all);

        assertThat(config.databases()).containsOnlyKeys("shop", "other");
        assertThat(config.users()).containsOnlyKeys("app", "other");
    }

    @Test
    void everyKeyIsKebabCaseAndHasAWholeSentence() {
        for (Key<?, ?> key : keys()) {
            assertThat(key.name()).matches("[a-z]+(-[a-z]+)*");
            assertThat(key.meaning()).endsWith(".").matches("[A-Z].*");
            assertThat(key.type().expected()).matches("(an? |one of |the )\\S.*");
        }
    }

    private static List<Key<?, ?>> keys() {
        List<Key<?, ?>> keys = new ArrayList<>();
        Keys.TOP_LEVEL.forEach(group -> keys.addAll(group.keys()));
        keys.addAll(DatabaseKeys.DATABASE.keys());
        keys.addAll(UserKeys.USER.keys());
        return keys;
    }
}
