package dev.weir.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What happens between choosing a port and listening on it. */
class PostgresLauncherIT {
    private Path scratch;
    private ServerSocket taken;

    @BeforeEach
    void takeAPort() throws Exception {
        scratch = ScratchFolder.create();
        taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
    }

    @AfterEach
    void cleanUp() throws Exception {
        taken.close();
        PostmasterFile.read(ScratchFolder.data(scratch)).ifPresent(PostmasterFile::end);
        FileTree.delete(scratch);
    }

    @Test
    void aPortThatIsTakenBeforeTheServerListensIsReplacedByAnother() throws Exception {
        int free = Ports.free();
        Iterator<Integer> ports =
                List.of(taken.getLocalPort(), taken.getLocalPort(), free).iterator();
        PostgresLauncher.Started started = launcher(Duration.ofSeconds(60), ports).launch(0);
        assertThat(started.port()).isEqualTo(free);
        assertThat(started.process().alive()).isTrue();
        assertThat(ports).isExhausted();
    }

    @Test
    void aServerThatIsNotReadyInTimeIsStopped() throws Exception {
        PostgresLauncher launcher = launcher(Duration.ofNanos(1), List.of(Ports.free()).iterator());
        assertThatThrownBy(() -> launcher.launch(0))
                .isInstanceOf(LocalServerException.class)
                .hasMessageContaining("does not accept connections");
        assertThat(
                        PostmasterFile.read(ScratchFolder.data(scratch))
                                .flatMap(PostmasterFile::running))
                .isEmpty();
    }

    private PostgresLauncher launcher(Duration timeout, Iterator<Integer> ports) throws Exception {
        PostgresSpec spec =
                new PostgresSpec(
                        PostgresInstallation.fromClassPath(),
                        Optional.empty(),
                        0,
                        Credentials.DEFAULT,
                        "scram-sha-256",
                        List.of(),
                        Map.of(),
                        Map.of(),
                        timeout,
                        Optional.empty());
        DataFolder data =
                DataFolder.prepare(
                        ScratchFolder.data(scratch),
                        spec.installation(),
                        spec.superuser(),
                        false,
                        scratch,
                        Optional.empty());
        Path sockets = Files.createDirectory(scratch.resolve("socket"));
        data.user().own(sockets);
        return new PostgresLauncher(spec, data, sockets, ports::next);
    }
}
