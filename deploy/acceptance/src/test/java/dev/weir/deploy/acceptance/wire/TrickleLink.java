package dev.weir.deploy.acceptance.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A bad link: passes bytes on in pieces of a few bytes, both ways, so that messages arrive cut at
 * any place. Its threads end with it.
 */
public final class TrickleLink implements AutoCloseable {
    private static final int LARGEST_PIECE = 9;

    /** Of a long transfer only the beginning is cut, to save time. */
    private static final int CUT_BYTES = 4096;

    private final ServerSocket listener;
    private final int target;
    private final long seed;
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();

    /**
     * Starts to listen.
     *
     * @param target a port of 127.0.0.1
     * @param seed decides on the size of the pieces
     */
    public TrickleLink(int target, long seed) throws IOException {
        this.target = target;
        this.seed = seed;
        listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("trickle").start(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        try {
            for (int number = 0; ; number++) {
                Socket near = listener.accept();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                sockets.add(near);
                sockets.add(far);
                Random random = new Random(seed + number);
                Thread.ofVirtual().start(() -> pump(near, far, random));
                Thread.ofVirtual().start(() -> pump(far, near, random));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private static void pump(Socket from, Socket to, Random random) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[16 * 1024];
            long passed = 0;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                // After a pause what comes is the beginning of something again.
                passed = read < buffer.length ? 0 : passed + read;
                int at = 0;
                while (at < read) {
                    int piece =
                            passed > CUT_BYTES
                                    ? read - at
                                    : Math.min(read - at, 1 + random.nextInt(LARGEST_PIECE));
                    out.write(buffer, at, piece);
                    at += piece;
                }
            }
            to.shutdownOutput();
        } catch (IOException e) {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        sockets.forEach(TrickleLink::closeQuietly);
    }
}
