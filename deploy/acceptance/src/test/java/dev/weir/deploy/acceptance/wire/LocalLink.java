package dev.weir.deploy.acceptance.wire;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** Leads from a port of 127.0.0.1 to a Unix-domain socket, for clients that speak only TCP. */
public final class LocalLink implements AutoCloseable {
    private final ServerSocket listener;
    private final Path socket;

    /** Starts to listen. */
    public LocalLink(Path socket) throws IOException {
        this.socket = socket;
        listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("local link").start(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket near = listener.accept();
                SocketChannel far = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                Thread.ofPlatform().daemon().start(() -> back(near, far));
                Thread.ofPlatform().daemon().start(() -> forth(near, far));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private static void back(Socket near, SocketChannel far) {
        try (near;
                far) {
            Channels.newInputStream(far).transferTo(near.getOutputStream());
        } catch (IOException e) {
            // One of the two has gone; so goes the other.
        }
    }

    private static void forth(Socket near, SocketChannel far) {
        try {
            near.getInputStream().transferTo(Channels.newOutputStream(far));
            far.shutdownOutput();
        } catch (IOException e) {
            // The other direction closes both.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
