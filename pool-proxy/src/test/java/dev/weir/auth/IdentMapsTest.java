package dev.weir.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.config.IdentLine;
import dev.weir.config.IdentLine.Role;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

/** Which role the name in a certificate may be. */
class IdentMapsTest {
    private static final IdentMaps MAPS =
            new IdentMaps(
                    Map.of(
                            "m",
                            List.of(
                                    new IdentLine("anna", false, "app", Role.EXACT),
                                    new IdentLine("^(.*)@shop$", true, "\\1", Role.EXACT),
                                    new IdentLine("^(.*)@ops$", true, "ops_\\1", Role.EXACT),
                                    new IdentLine("root", false, "", Role.ALL),
                                    new IdentLine("dba", false, "^db_", Role.REGEX),
                                    new IdentLine("none@(x)?", true, "\\1", Role.EXACT))));

    @Test
    void withoutAMapTheNamesMustBeTheSame() {
        assertThat(MAPS.allows(null, "app", "app")).isTrue();
        assertThat(MAPS.allows(null, "App", "app")).isFalse();
    }

    @Test
    void aLineAllowsWhatItNamesAndNothingElse() {
        assertThat(MAPS.allows("m", "anna", "app")).isTrue();
        assertThat(MAPS.allows("m", "anna", "anna")).isFalse();
        assertThat(MAPS.allows("m", "anna2", "app")).isFalse();
        assertThat(MAPS.allows("other", "anna", "app")).isFalse();
    }

    @Test
    void whatTheFirstGroupFindsStandsForItself() {
        assertThat(MAPS.allows("m", "bert@shop", "bert")).isTrue();
        assertThat(MAPS.allows("m", "bert@shop", "carl")).isFalse();
        assertThat(MAPS.allows("m", "bert@ops", "ops_bert")).isTrue();
        assertThat(MAPS.allows("m", "bert@ops", "bert")).isFalse();
        assertThat(MAPS.allows("m", "none@", "")).isFalse();
    }

    @Test
    void aLineMayNameAllRolesOrThoseOfAnExpression() {
        assertThat(MAPS.allows("m", "root", "whoever")).isTrue();
        assertThat(MAPS.allows("m", "dba", "db_reader")).isTrue();
        assertThat(MAPS.allows("m", "dba", "reader")).isFalse();
    }
}
