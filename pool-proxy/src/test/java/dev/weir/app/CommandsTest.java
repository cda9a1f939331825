package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.config.ConfigFile;
import dev.weir.config.SampleFile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;

/** What can be typed, and what comes of it. */
class CommandsTest {
    @TempDir Path folder;

    /** What a command wrote, and its exit status. */
    private record Outcome(int status, String out, String err) {}

    private static Outcome weir(Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = WeirCommand.commandLine();
        line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        String[] words = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            words[i] = args[i].toString();
        }
        int status = line.execute(words);
        return new Outcome(status, out.toString(), err.toString());
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("weir.yaml"), text);
    }

    @Test
    void checkPrintsWhatCountsWithSecretsMasked() throws IOException {
        Path file =
                file(
                        """
                        listen-port: 7000
                        databases: { shop: { host: db } }
                        users: { app: { password: hunter2 } }
                        """);

        Outcome outcome = weir("check", "-c", file);

        assertThat(outcome.status()).isZero();
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out())
                .startsWith("listen-addr: 127.0.0.1\nlisten-port: 7000\n")
                .contains("default-pool-size: 20\n")
                .endsWith("users:\n  app:\n    password: \"********\"\n")
                .doesNotContain("hunter2");
    }

    @Test
    void checkTellsAllMistakesAndEndsWithOne() throws IOException {
        Path file =
                file(
                        "listen-prt: 1\npool-mode: x\ndatabases: { a: { host: h } }\nusers: { a: { password: b } }\n");

        Outcome outcome = weir("check", "--config", file);

        assertThat(outcome)
                .isEqualTo(
                        new Outcome(
                                1,
                                "",
                                """
                                %1$s:1: unknown key `listen-prt`; did you mean `listen-port`?
                                %1$s:2: `pool-mode`: `x` is not one of the choices; expected one of session, transaction, statement
                                weir: 2 mistakes in the configuration
                                """
                                        .formatted(file)));
    }

    @Test
    void runWithABadConfigurationEndsWithOneToo() throws IOException {
        Path file = file("auth-type: trust\n");

        Outcome outcome = weir("run", "-c", file);

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .contains(file + ": there are no databases")
                .endsWith("weir: one mistake in the configuration\n");
    }

    @Test
    void runWithoutAnyConfigurationTellsHowToMakeOne() {
        // The tests' working directory has no weir.yaml.
        Outcome outcome = weir("run");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .startsWith("weir: there is no weir.yaml here, and no -c FILE.\n")
                .contains("weir init ")
                .contains("weir run -c FILE ");
    }

    @Test
    void runNamesTheKeyOfAPortThatIsTaken() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int taken = other.getLocalPort();
            String rest = "auth-type: trust\ndatabases: { shop: { host: h } }\n";

            Outcome proxy =
                    weir("run", "-c", file("http-port: 0\nlisten-port: " + taken + "\n" + rest));
            Outcome http =
                    weir("run", "-c", file("listen-port: 0\nhttp-port: " + taken + "\n" + rest));

            assertThat(proxy)
                    .isEqualTo(
                            new Outcome(
                                    3,
                                    "",
                                    "weir: cannot listen on 127.0.0.1 port %d: another process listens there; `listen-port` in the configuration chooses another port\n"
                                            .formatted(taken)));
            assertThat(http)
                    .isEqualTo(
                            new Outcome(
                                    3,
                                    "",
                                    "weir: cannot listen on 127.0.0.1 port %d: another process listens there; `http-port` in the configuration chooses another port\n"
                                            .formatted(taken)));
        }
    }

    @Test
    void runSaysWhatIsWrongWithAnAddress() throws IOException {
        String rest = "auth-type: trust\ndatabases: { shop: { host: h } }\n";

        Outcome foreign = weir("run", "-c", file("listen-addr: 192.0.2.1\nhttp-port: 0\n" + rest));
        Outcome unknown =
                weir("run", "-c", file("listen-addr: no-such-host.invalid\nhttp-port: 0\n" + rest));

        assertThat(foreign.status()).isEqualTo(3);
        assertThat(foreign.err()).contains("192.0.2.1 port 6432: this machine has no such address");
        assertThat(unknown.status()).isEqualTo(3);
        assertThat(unknown.err()).contains("no-such-host.invalid port 6432: no such host name");
    }

    @Test
    void initWritesAFileThatCheckAccepts() throws Exception {
        Path file = folder.resolve("new.yaml");

        Outcome init = weir("init", file);

        assertThat(init.status()).isZero();
        assertThat(init.out()).contains("Wrote " + file);
        assertThat(file).hasContent(SampleFile.text());
        assertThat(weir("check", "-c", file).status()).isZero();
        assertThat(ConfigFile.load(file).databases()).containsKey("shop");
    }

    @Test
    void initOverwritesOnlyIfForced() throws IOException {
        Path file = file("mine: true\n");

        assertThat(weir("init", file))
                .isEqualTo(
                        new Outcome(
                                2,
                                "",
                                "weir: " + file + " exists already; --force overwrites it\n"));
        assertThat(file).hasContent("mine: true\n");
        assertThat(weir("init", "--force", file).status()).isZero();
        assertThat(file).hasContent(SampleFile.text());
    }

    @Test
    void initPrintsForADash() {
        assertThat(weir("init", "-")).isEqualTo(new Outcome(0, SampleFile.text(), ""));
    }

    @Test
    void initSaysWhyAFileCannotBeWritten() {
        Path file = folder.resolve("none").resolve("weir.yaml");

        assertThat(weir("init", file))
                .isEqualTo(
                        new Outcome(
                                2,
                                "",
                                "weir: %s cannot be written: there is no such folder\n"
                                        .formatted(file)));
    }

    @Test
    void versionNamesWeirJavaAndNetty() {
        Outcome outcome = weir("--version");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.out())
                .matches("weir \\d+\\.\\d+\\S*\njava 2\\d\\S* \\(.*\\)\nnetty 4\\.2\\.\\d+\\S*\n");
    }

    @Test
    void helpTeachesByExamples() {
        Outcome outcome = weir("--help");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.out())
                .contains("Examples:", "weir run -c ", "demo ", "bench ", "Exit status: 0 ");
        assertThat(weir("run", "--help").out()).contains("SIGTERM", "Exit status: 0 ");
    }

    @Test
    void wrongUseEndsWithTwo() {
        assertThat(weir().status()).isEqualTo(2);
        assertThat(weir().err()).startsWith("a command is missing: run, check or init\n");
        assertThat(weir("fly").status()).isEqualTo(2);
        assertThat(weir("run", "--nope").err()).startsWith("Unknown option: '--nope'\n");
        assertThat(weir("check", "-c").status()).isEqualTo(2);
    }
}
