package dev.weir.deploy.acceptance;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;

/** A client that speaks the protocol message by message. For one thread. */
final class CrowdWire implements AutoCloseable {
    /** Who gets no reply for so long has lost it. */
    static final int PATIENCE_MILLIS = 30_000;

    private final int port;
    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private int pid;
    private byte[] secret = {};

    private CrowdWire(int port, int receiveBuffer) throws IOException {
        this.port = port;
        socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 4096));
        out = socket.getOutputStream();
    }

    static CrowdWire login(int port, Map<String, String> parameters) throws IOException {
        return login(port, parameters, 0);
    }

    /**
     * Connects and logs in where no password is asked for.
     *
     * @param receiveBuffer the kernel's buffer in bytes; 0 for its own choice
     */
    static CrowdWire login(int port, Map<String, String> parameters, int receiveBuffer)
            throws IOException {
        CrowdWire wire = new CrowdWire(port, receiveBuffer);
        try {
            wire.send(CrowdFrames.startup(parameters));
            CrowdMessage message = wire.read();
            while (message.type() != 'Z') {
                if (message.type() == 'E') {
                    throw new CrowdLostException("at the login", message);
                }
                if (message.type() == 'K') {
                    byte[] body = message.body();
                    wire.pid = java.nio.ByteBuffer.wrap(body).getInt();
                    wire.secret = Arrays.copyOfRange(body, Integer.BYTES, body.length);
                }
                message = wire.read();
            }
            return wire;
        } catch (IOException | RuntimeException e) {
            wire.socket.close();
            throw e;
        }
    }

    void send(byte[] bytes) throws IOException {
        out.write(bytes);
    }

    /** Sends in pieces of random sizes, so that messages arrive torn. */
    void sendTorn(byte[] bytes, Random random) throws IOException {
        int at = 0;
        while (at < bytes.length) {
            int bound = random.nextInt(4) == 0 ? 16 : bytes.length;
            int piece = Math.min(bytes.length - at, 1 + random.nextInt(bound));
            out.write(bytes, at, piece);
            at += piece;
            if (at < bytes.length && random.nextInt(8) == 0) {
                Thread.yield();
            }
        }
    }

    CrowdMessage read() throws IOException {
        char type = (char) in.readUnsignedByte();
        int length = in.readInt();
        byte[] body = new byte[length - Integer.BYTES];
        in.readFully(body);
        return new CrowdMessage(type, body);
    }

    /** Waits for the next message for a while. */
    boolean hasMessage(int millis) throws IOException {
        in.mark(1);
        socket.setSoTimeout(millis);
        try {
            if (in.read() < 0) {
                throw new EOFException("closed by the other side");
            }
            in.reset();
            return true;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } finally {
            socket.setSoTimeout(PATIENCE_MILLIS);
        }
    }

    /** Asks on a connection of its own to cancel what runs; returns when that has been answered. */
    void cancel() throws IOException {
        try (Socket other = new Socket(InetAddress.getLoopbackAddress(), port)) {
            other.setSoTimeout(PATIENCE_MILLIS);
            other.getOutputStream().write(CrowdFrames.cancel(pid, secret));
            if (other.getInputStream().read() >= 0) {
                throw new AssertionError("a cancel request was answered");
            }
        }
    }

    /** Goes without a word, and what is on its way is thrown away: the other side sees a reset. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Closes without saying Terminate. */
    void vanish() throws IOException {
        socket.close();
    }

    /** Says Terminate and closes. */
    @Override
    public void close() throws IOException {
        try (socket) {
            out.write(new CrowdFrames().terminate().bytes());
        }
    }
}
