package dev.weir.deploy.local;

/** The port that was asked for belongs to somebody else. */
public final class PortTakenException extends LocalServerException {
    private static final long serialVersionUID = 1L;

    /** The port, 1 to 65535. */
    private final int port;

    PortTakenException(int port) {
        super(
                "Port "
                        + port
                        + " on "
                        + Ports.LOOPBACK
                        + " is taken by another process. Stop that process, or choose another port (0 takes a free"
                        + " one).");
        this.port = port;
    }

    /** The port that is taken, 1 to 65535. */
    public int port() {
        return port;
    }
}
