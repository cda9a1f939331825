package dev.weir.deploy.acceptance;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Something that listens where PostgreSQL should: it reads what comes first, sends what it was told
 * to, all at once, and closes.
 */
final class FakePostgres implements AutoCloseable {
    private final ServerSocket listener;
    private final byte[] answer;
    private final AtomicInteger connections = new AtomicInteger();

    FakePostgres(byte[] answer) throws IOException {
        this.answer = answer;
        listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("fake postgres").start(this::serve);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Connections that were made so far. */
    int connections() {
        return connections.get();
    }

    private void serve() {
        try {
            while (true) {
                try (Socket socket = listener.accept()) {
                    connections.incrementAndGet();
                    InputStream in = socket.getInputStream();
                    in.read(new byte[1024]);
                    socket.getOutputStream().write(answer);
                }
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
