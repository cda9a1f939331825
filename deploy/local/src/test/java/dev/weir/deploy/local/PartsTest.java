package dev.weir.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The parts that need no server. */
class PartsTest {
    @TempDir private Path folder;

    @Test
    void aProcessIsKnownByItsStartNotOnlyByItsId() {
        ProcessIdentity self = ProcessIdentity.self();
        assertThat(self.alive()).isTrue();
        assertThat(ProcessIdentity.parse(self.text())).contains(self);
        ProcessIdentity earlier =
                new ProcessIdentity(self.namespace(), self.pid(), self.startTicks() - 1);
        assertThat(earlier.alive()).isFalse();
    }

    @Test
    void aProcessOfAnotherNamespaceCountsAsAliveBecauseItCannotBeSeen() {
        ProcessIdentity self = ProcessIdentity.self();
        assertThat(new ProcessIdentity(self.namespace() + 1, 1L << 40, 1).alive()).isTrue();
    }

    @Test
    void textThatIsNoIdentityIsNone() {
        for (String text : List.of("", "1-2", "1-2-3-4", "a-b-c", "1-2-99999999999999999999")) {
            assertThat(ProcessIdentity.parse(text)).as(text).isEmpty();
        }
    }

    @Test
    void freePortsLieBelowThoseOfOutgoingSocketsIfThereIsRoom() {
        assertThat(Ports.rangeBelow(32_768)).isEqualTo(new Ports.Range(15_000, 32_767));
        assertThat(Ports.rangeBelow(20_000)).isEqualTo(new Ports.Range(15_000, 19_999));
        assertThat(Ports.rangeBelow(60_000)).isEqualTo(new Ports.Range(15_000, 32_767));
        assertThat(Ports.rangeBelow(1_024)).isEqualTo(new Ports.Range(15_000, 65_535));
        assertThat(Ports.free()).isBetween(15_000, 65_535);
    }

    @Test
    void theKernelsRangeForOutgoingSocketsIsReadInFull() {
        String range =
                Command.tryRun(List.of("cat", "/proc/sys/net/ipv4/ip_local_port_range")).output();
        assertThat(range).matches("\\d+\\s+\\d+").startsWith(Ports.lowestEphemeral() + "\t");
    }

    @Test
    void aPortThatSomebodyListensOnIsNotFree() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            assertThat(Ports.isFree(socket.getLocalPort())).isFalse();
        }
    }

    @Test
    void anArchiveIsUnpackedWithItsLinksAndModes() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            file(tar, "./bin/run", 0755, "run");
            file(tar, "./share/text", 0600, "text");
            TarArchiveEntry link = new TarArchiveEntry("./bin/alias", TarArchiveEntry.LF_SYMLINK);
            link.setLinkName("run");
            tar.putArchiveEntry(link);
            tar.closeArchiveEntry();
        }
        unpack(bytes);
        assertThat(folder.resolve("bin/run")).hasContent("run").isExecutable();
        assertThat(Files.readSymbolicLink(folder.resolve("bin/alias"))).hasToString("run");
        assertThat(Files.getPosixFilePermissions(folder.resolve("share/text"))).hasSize(4);
    }

    @Test
    void anArchiveCannotWriteOutsideItsFolder() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            file(tar, "../outside", 0644, "x");
        }
        assertThatThrownBy(() -> unpack(bytes))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("leads outside");
        assertThat(folder.resolveSibling("outside")).doesNotExist();
    }

    @Test
    void deletingAFolderDoesNotFollowLinks() throws Exception {
        Path kept = Files.createDirectory(folder.resolve("kept"));
        Path file = Files.writeString(kept.resolve("file"), "kept");
        Path deleted = Files.createDirectories(folder.resolve("deleted/deep"));
        Files.createSymbolicLink(deleted.resolve("link"), kept);
        FileTree.delete(folder.resolve("deleted"));
        assertThat(folder.resolve("deleted")).doesNotExist();
        assertThat(file).hasContent("kept");
        FileTree.delete(folder.resolve("deleted"));
    }

    @Test
    void anErrorShowsTheEndOfTheLogOfThisStartOnly() throws Exception {
        Path log = folder.resolve("server.log");
        assertThat(ServerLog.tail(log, 0)).isEqualTo("It logged nothing.");
        Files.writeString(log, "old\nnew 1\nnew 2\n");
        assertThat(ServerLog.tail(log, 4)).contains("new 1\n  new 2").doesNotContain("old");
    }

    @Test
    void aPostmasterFileOfAnIdThatWasUsedAgainNamesNoServer() throws Exception {
        Path file = folder.resolve("postmaster.pid");
        Files.writeString(file, ProcessHandle.current().pid() + "\n" + folder + "\n");
        Optional<PostmasterFile> read = PostmasterFile.read(folder);
        assertThat(read).isPresent();
        assertThat(read.orElseThrow().running()).isEmpty();
        read.orElseThrow().end();
        assertThat(file).doesNotExist();
    }

    @Test
    void settingsAndMethodsThatMakeNoSenseAreRefused() {
        LocalPostgresBuilder builder = LocalPostgres.builder();
        assertThatThrownBy(() -> builder.setting("port", "1")).hasMessageContaining("port");
        assertThatThrownBy(() -> builder.authMethod("ldap")).hasMessageContaining("ldap");
        assertThatThrownBy(() -> builder.port(65_536)).hasMessageContaining("65536");
        assertThatThrownBy(() -> builder.superuser("pg_x", "y")).hasMessageContaining("pg_x");
        assertThatThrownBy(() -> builder.hba("a\nb")).hasMessageContaining("One line");
    }

    @Test
    void anInstallationWithoutProgramsIsRefused() {
        assertThatThrownBy(() -> PostgresInstallation.at(folder))
                .isInstanceOf(LocalServerException.class)
                .hasMessageContaining("no program bin/postgres");
    }

    private static void file(TarArchiveOutputStream tar, String name, int mode, String content)
            throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setMode(0100000 | mode);
        entry.setSize(content.length());
        tar.putArchiveEntry(entry);
        tar.write(content.getBytes(StandardCharsets.UTF_8));
        tar.closeArchiveEntry();
    }

    private void unpack(ByteArrayOutputStream bytes) throws IOException {
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            Archive.unpack(tar, folder);
        }
    }
}
