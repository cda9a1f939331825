package dev.weir.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;

import javax.net.SocketFactory;

/**
 * Has pgjdbc, which knows of TCP only, meet PostgreSQL at a Unix-domain socket. It makes this class
 * by its name. Any thread may use it.
 */
public final class UnixSocketFactory extends SocketFactory {
    private final Path path;

    /**
     * For one socket.
     *
     * @param path the file that the socket is, as {@link #argument} gives it
     */
    public UnixSocketFactory(String path) {
        this.path = Path.of(path);
    }

    /** What the factory is to be made with for the server that has its socket in {@code folder}. */
    public static String argument(String folder, int port) {
        return UnixSocket.in(Path.of(folder), port).toString();
    }

    /** Not connected yet; whatever address it is to connect to, it connects to the file. */
    @Override
    public Socket createSocket() throws SocketException {
        return new Plain(new UnixSocketStreams(path));
    }

    private static final class Plain extends Socket {
        Plain(UnixSocketStreams streams) throws SocketException {
            super(streams);
        }
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        throw unconnected();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
            throws IOException {
        throw unconnected();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        throw unconnected();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort)
            throws IOException {
        throw unconnected();
    }

    private static IOException unconnected() {
        return new SocketException("a Unix-domain socket has neither a host nor a port");
    }
}
