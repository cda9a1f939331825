package dev.weir.discovery;

import dev.weir.topology.Node;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Addresses as servers write them. */
final class Addresses {
    private static final int HIGHEST_PORT = 65_535;

    /** {@code host}, {@code host:port}, {@code [ipv6]} or {@code [ipv6]:port}. */
    private static final Pattern NAMED =
            Pattern.compile(
                    "(?:\\[(?<six>[0-9A-Fa-f]*:[0-9A-Fa-f:.]+)]|(?<host>[\\p{L}\\p{N}._-]+))(?::(?<port>[0-9]{1,5}))?");

    private Addresses() {}

    /**
     * The node that a name says to be; null if it says no such thing.
     *
     * @param port if the name has none
     */
    static @Nullable Node parse(String name, int port) {
        Matcher parts = NAMED.matcher(name);
        if (!parts.matches()) {
            return null;
        }
        String six = parts.group("six");
        String host = six == null ? parts.group("host") : six;
        String digits = parts.group("port");
        int number = digits == null ? port : Integer.parseInt(digits);
        return number < 1 || number > HIGHEST_PORT ? null : new Node(host, number);
    }

    /**
     * Where something is that a server sees at an IP address: on the server's own host, if that is
     * what it means.
     */
    static String seenFrom(Node server, String address) {
        return InetAddress.ofLiteral(address).isLoopbackAddress() ? server.host() : address;
    }
}
