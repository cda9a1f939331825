package dev.weir.deploy.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A server with a past that is to follow a primary: as it is, if its WAL is the beginning of the
 * primary's; else wound back to where they parted, if {@code pg_rewind} is there and can; else with
 * a copy of the primary's data in place of its own.
 */
final class Rejoin {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** What a standby logs that will never stream as it is. */
    private static final Pattern HOPELESS =
            Pattern.compile(
                    "could not receive data from WAL stream: ERROR|could not start WAL streaming"
                            + "|identifier differs|forked off|is not a child of this server"
                            + "|behind recovery timeline");

    private final LocalPostgres server;
    private final PostgresInstallation programs;
    private final LocalPostgres primary;

    /**
     * @param server that does not run, and whose upstream is the primary
     * @param primary that runs
     */
    Rejoin(LocalPostgres server, PostgresInstallation programs, LocalPostgres primary) {
        this.server = server;
        this.programs = programs;
        this.primary = primary;
    }

    /** Returns once it accepts connections, and streams if it has kept its data. */
    void run() throws IOException {
        Path data = server.data();
        if (DataFolder.isComplete(data)) {
            DataFolder.endLeftOver(data);
            if (startsAsItIs() || (rewind() && startsAsItIs())) {
                return;
            }
            FileTree.empty(data.toRealPath());
        }
        server.start();
    }

    /** Whether it streams; if not, it is stopped again. */
    private boolean startsAsItIs() throws IOException {
        ServerUser user = ServerUser.forData(Optional.of(server.data()));
        Path signal = server.data().resolve(DataFolder.STANDBY);
        if (!Files.exists(signal)) {
            user.own(Files.createFile(signal));
        }
        BaseBackup.forgetRole(server.data());
        int before = server.log().length();
        try {
            server.start();
        } catch (PortTakenException e) {
            throw e;
        } catch (LocalServerException e) {
            return false;
        }
        int timeline = primary.replication().timeline();
        boolean decided =
                ServerProcess.await(
                        PATIENCE,
                        () ->
                                streams(timeline)
                                        || HOPELESS.matcher(server.log().substring(before)).find());
        if (decided && streams(timeline)) {
            return true;
        }
        server.stopImmediate();
        return false;
    }

    private boolean streams(int timeline) {
        try {
            return server.replication().streams(timeline);
        } catch (LocalServerException e) {
            // A fence at its databases is opened by WAL that it has not got yet.
            return false;
        }
    }

    private boolean rewind() throws IOException {
        String program = programs.program("pg_rewind");
        if (!Files.isExecutable(Path.of(program))) {
            return false;
        }
        ServerUser user = ServerUser.forData(Optional.of(server.data()));
        return Command.tryRun(
                                user.command(
                                        List.of(
                                                program,
                                                "--target-pgdata=" + server.data().toRealPath(),
                                                "--source-server="
                                                        + primary.replicationConnection()
                                                        + " dbname=postgres")))
                        .status()
                == 0;
    }
}
