package dev.weir.config;

/**
 * Where a server is met.
 *
 * @param host IP address or host name
 * @param port 1 to 65535
 */
public record HostPort(String host, int port) {
    private static final int POSTGRES = 5432;
    private static final int LAST = 65_535;

    /** Reads {@code host}, {@code host:port} or {@code [ipv6]:port}. */
    static HostPort parse(String text) throws BadValueException {
        int behind = text.startsWith("[") ? text.indexOf(']') + 1 : text.lastIndexOf(':');
        if (text.startsWith("[") ? behind == 0 : text.indexOf(':') != behind) {
            throw new BadValueException("has an IPv6 address without its brackets");
        }
        String host = behind < 0 ? text : text.substring(0, behind);
        if (host.startsWith("[")) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.isBlank()) {
            throw new BadValueException("has a port without a host");
        }
        if (behind < 0 || behind == text.length()) {
            return new HostPort(host, POSTGRES);
        }
        try {
            int port = Integer.parseInt(text.substring(behind + 1));
            if (text.charAt(behind) == ':' && port >= 1 && port <= LAST) {
                return new HostPort(host, port);
            }
        } catch (NumberFormatException e) {
            throw new BadValueException("has a port that is no number");
        }
        throw new BadValueException("has a port that is not from 1 to 65535");
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
