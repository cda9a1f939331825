package dev.weir.deploy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** How the launcher finds a JDK, on a machine that is made up of folders and `release` files. */
class LauncherTest {
    private static final Path ROOT = WorkingCopy.root();

    @TempDir private Path machine;
    private Path programs;

    private String bash;

    @BeforeEach
    void makePrograms() throws Exception {
        assumeTrue(Shell.has("bash"), "skipped: bash is not installed");
        bash = placeOf("bash");
        // All that finding a JDK needs from PATH; with the whole of it a real java would be found.
        programs = Files.createDirectories(machine.resolve("bin"));
        Path readlink = programs.resolve("readlink");
        Files.writeString(readlink, "#!%s%nexec %s \"$@\"%n".formatted(bash, placeOf("readlink")));
        assertThat(readlink.toFile().setExecutable(true)).isTrue();
    }

    private String placeOf(String program) throws Exception {
        return Shell.run(machine, Map.of(), List.of("bash", "-c", "type -P " + program))
                .output()
                .strip();
    }

    @Test
    void theJdkOfJavaHomeComesFirst() throws Exception {
        Path home = jdk("elsewhere/jdk", "26.0.1");
        jdk("usr/lib/jvm/jdk-25", "25.0.3");
        assertThat(find(Map.of("JAVA_HOME", home.toString()))).isEqualTo(home);
    }

    @Test
    void theJavaOnPathIsFollowedThroughLinks() throws Exception {
        Path jdk = jdk("elsewhere/jdk", "25");
        jdk("usr/lib/jvm/jdk-25", "25.0.3");
        Files.createSymbolicLink(machine.resolve("alternative"), jdk.resolve("bin/java"));
        Files.createSymbolicLink(programs.resolve("java"), Path.of("../alternative"));
        assertThat(find(Map.of())).isEqualTo(jdk);
    }

    @Test
    void whatIsTooOldIsPassedOver() throws Exception {
        Path old = jdk("elsewhere/jdk", "1.8.0_402");
        jdk("usr/lib/jvm/jdk-17", "17.0.15");
        Path jdk = jdk("usr/lib/jvm/jdk-25", "25.0.3");
        assertThat(find(Map.of("JAVA_HOME", old.toString()))).isEqualTo(jdk);
    }

    @Test
    void aJreIsPassedOver() throws Exception {
        Files.delete(jdk("usr/lib/jvm/a-jre", "25.0.3").resolve("bin/javac"));
        Path jdk = jdk("opt/jdk-25", "25.0.3");
        assertThat(find(Map.of())).isEqualTo(jdk);
    }

    @Test
    void aJdkInTheHomeFolderIsFound() throws Exception {
        Path jdk = jdk("home/.sdkman/candidates/java/25.0.3-tem", "25.0.3");
        assertThat(find(Map.of())).isEqualTo(jdk);
    }

    @Test
    void withoutAJdkItTellsWhatItSawAndWhatToDo() throws Exception {
        Path old = jdk("usr/lib/jvm/jdk-17", "17.0.15");
        Shell shell = source("find_jdk \"$2\"", Map.of());
        assertThat(shell.status()).isEqualTo(1);
        assertThat(shell.output())
                .contains("no JDK 25 or later", old + " (17)", "https://adoptium.net", "JAVA_HOME");
    }

    @Test
    void theScriptsAreFreeOfCommonMistakes() throws Exception {
        assumeTrue(Shell.has("shellcheck"), "skipped: shellcheck is not installed");
        Shell shell = Shell.run(ROOT, Map.of(), List.of("shellcheck", "weir", ".ci/run"));
        assertThat(shell.output()).isEmpty();
    }

    @Test
    void continuousIntegrationRunsTheTestCommandOfTheReadme() throws Exception {
        Pattern command = Pattern.compile("^mvn [^#\\n]*", Pattern.MULTILINE);
        List<String> readme = all(command, Files.readString(ROOT.resolve("README.md")));
        List<String> ci = all(command, Files.readString(ROOT.resolve(".ci/run")));
        assertThat(readme).isNotEmpty();
        assertThat(ci).containsExactly(readme.getFirst());
    }

    private static List<String> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(it -> it.group().strip()).toList();
    }

    /** Makes what looks like a JDK. */
    private Path jdk(String place, String version) throws IOException {
        Path folder = machine.resolve(place);
        Files.createDirectories(folder.resolve("bin"));
        for (String program : List.of("java", "javac")) {
            Path file = Files.createFile(folder.resolve("bin").resolve(program));
            assertThat(file.toFile().setExecutable(true)).isTrue();
        }
        Files.writeString(
                folder.resolve("release"),
                "IMPLEMENTOR=\"Somebody\"\nJAVA_VERSION=\"" + version + "\"\n");
        return folder;
    }

    private Path find(Map<String, String> environment) throws Exception {
        Shell shell = source("find_jdk \"$2\" && cd -P \"$JDK\" && pwd", environment);
        assertThat(shell.status()).as(shell.output()).isZero();
        return Path.of(shell.output().strip());
    }

    /** Runs a line after the launcher's functions are defined; $2 is the made-up machine. */
    private Shell source(String line, Map<String, String> environment) throws Exception {
        Map<String, String> all = new HashMap<>(environment);
        all.put("PATH", programs.toString());
        all.put("HOME", machine.resolve("home").toString());
        return Shell.run(
                machine,
                all,
                List.of(
                        bash,
                        "-c",
                        "source \"$1\"; " + line,
                        "test",
                        ROOT.resolve("weir").toString(),
                        machine.toRealPath().toString()));
    }
}
