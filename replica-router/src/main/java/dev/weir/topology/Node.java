package dev.weir.topology;

/**
 * One PostgreSQL server of a database.
 *
 * @param host IP address, host name, or the folder of its Unix-domain socket
 * @param port 1 to 65535
 */
public record Node(String host, int port) {
    /** As people write it. */
    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
