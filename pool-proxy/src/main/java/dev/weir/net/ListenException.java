package dev.weir.net;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;

/** An address cannot be listened on. */
public final class ListenException extends IOException {
    private static final long serialVersionUID = 1L;

    private static final int NO_PORT = -1;

    private final String key;
    private final String addr;
    private final int port;
    private final String reason;

    /**
     * A port that is not to be had.
     *
     * @param key the configuration key that names the port
     * @param addr as configured
     */
    public ListenException(String key, String addr, int port, @Nullable Throwable cause) {
        super(null, cause);
        this.key = key;
        this.addr = addr;
        this.port = port;
        this.reason = reason(cause);
    }

    /** A Unix-domain socket that is not to be had. */
    ListenException(Path socket, Throwable cause) {
        super(null, cause);
        this.key = "unix-socket-dir";
        this.addr = socket.toString();
        this.port = NO_PORT;
        this.reason = reason(cause);
    }

    private static String reason(@Nullable Throwable cause) {
        String message = String.valueOf(cause == null ? null : cause.getMessage());
        if (message.contains("in use")) {
            return "another process listens there";
        }
        if (message.contains("ermission denied")) {
            return "ports below 1024 are for root or CAP_NET_BIND_SERVICE";
        }
        if (message.contains("assign requested address")) {
            return "this machine has no such address";
        }
        if (message.equals("null") || message.contains("nresolved")) {
            return "no such host name";
        }
        return message;
    }

    /** The configuration key that names the port. */
    public String key() {
        return key;
    }

    public int port() {
        return port;
    }

    /** Why not, without the address. */
    public String reason() {
        return reason;
    }

    @Override
    public String getMessage() {
        if (port == NO_PORT) {
            return "cannot listen on %s: %s; `%s` in the configuration chooses another folder"
                    .formatted(addr, reason, key);
        }
        return "cannot listen on %s port %d: %s; `%s` in the configuration chooses another port"
                .formatted(addr, port, reason, key);
    }
}
