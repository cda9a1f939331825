package dev.weir.deploy.local;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;

/** Brings a server from a prepared data folder to the point where it accepts connections. */
final class PostgresLauncher {
    private static final int PORT_TRIES = 20;
    private static final String PORT_TAKEN = "Address already in use";

    private final PostgresSpec spec;
    private final DataFolder data;
    private final Path socketFolder;
    private final IntSupplier freePorts;

    /**
     * @param freePorts ports that were free a moment ago
     */
    PostgresLauncher(PostgresSpec spec, DataFolder data, Path socketFolder, IntSupplier freePorts) {
        this.freePorts = freePorts;
        this.spec = spec;
        this.data = data;
        this.socketFolder = socketFolder;
    }

    /**
     * A server that accepts connections.
     *
     * @param port where
     */
    record Started(ServerProcess process, int port) {}

    /**
     * @param port 1 to 65535, or 0 for a free one
     */
    Started launch(int port) {
        if (port != 0) {
            if (!Ports.isFree(port)) {
                throw new PortTakenException(port);
            }
            return tryLaunch(port).orElseThrow(() -> new PortTakenException(port));
        }
        for (int i = 0; i < PORT_TRIES; i++) {
            // Between the look and the server's own bind another process may take the port.
            Optional<Started> started = tryLaunch(freePorts.getAsInt());
            if (started.isPresent()) {
                return started.get();
            }
        }
        throw new LocalServerException(
                PORT_TRIES + " free ports in a row were taken before PostgreSQL could listen.");
    }

    /** Empty if the port was taken. */
    private Optional<Started> tryLaunch(int port) {
        data.configure(spec.allSettings(port, socketFolder), spec.allHba(), spec.files());
        long logStart = ServerLog.size(data.log());
        ServerProcess process =
                ServerProcess.launch(
                        data.user(),
                        List.of(spec.installation().program("postgres"), "-D", "" + data.path()),
                        data.log());
        boolean inTime =
                ServerProcess.await(
                        spec.startTimeout(), () -> isReady(process) || !process.alive());
        if (inTime && process.alive()) {
            return Optional.of(new Started(process, port));
        }
        if (!inTime) {
            process.kill();
            throw new LocalServerException(
                    "PostgreSQL does not accept connections after "
                            + spec.startTimeout().toSeconds()
                            + " s and was stopped. "
                            + ServerLog.tail(data.log(), logStart));
        }
        if (ServerLog.read(data.log(), logStart).contains(PORT_TAKEN)) {
            return Optional.empty();
        }
        throw new LocalServerException(
                "PostgreSQL ended while it started. " + ServerLog.tail(data.log(), logStart));
    }

    private boolean isReady(ServerProcess process) {
        return PostmasterFile.read(data.path())
                .filter(file -> file.ready() && file.pid() == process.pid())
                .isPresent();
    }
}
