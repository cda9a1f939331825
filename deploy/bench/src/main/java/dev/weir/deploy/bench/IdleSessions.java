package dev.weir.deploy.bench;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Thousands of sessions on one thread: opens and logs them in, runs one statement in each, then
 * holds them. At most {@link #AT_ONCE} are under way at a time, so that neither a listen queue nor
 * a pool's waiting time decides. Not thread-safe.
 */
final class IdleSessions implements AutoCloseable {
    private static final int AT_ONCE = 100;
    private static final int BUFFER = 16 * 1024;
    private static final ByteBuffer QUERY = FrontendMessages.query("SELECT 1");

    private final Endpoint endpoint;
    private final Selector selector;
    private final List<Session> sessions = new ArrayList<>();
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER);
    private int busy;
    private int answers;

    /** Opens nothing yet. */
    IdleSessions(Endpoint endpoint) throws IOException {
        this.endpoint = endpoint;
        this.selector = Selector.open();
    }

    /**
     * Opens sessions until there are {@code count}, each with one answered statement.
     *
     * @throws IOException if one is refused or ends, or it takes longer than {@code limit}
     */
    void open(int count, Duration limit) throws IOException {
        answers = 0;
        Deadline deadline = new Deadline(limit);
        while (answers < count) {
            while (busy < AT_ONCE && sessions.size() < count) {
                connect();
            }
            turn(deadline);
        }
    }

    /**
     * Runs one more statement in every session: proves that each is still served.
     *
     * @return how many answered, that is all
     * @throws IOException if one does not
     */
    int askAll(Duration limit) throws IOException {
        answers = 0;
        Deadline deadline = new Deadline(limit);
        int next = 0;
        while (answers < sessions.size()) {
            while (busy < AT_ONCE && next < sessions.size()) {
                sessions.get(next++).ask();
            }
            turn(deadline);
        }
        return answers;
    }

    private void connect() throws IOException {
        SocketChannel channel = SocketChannel.open();
        Session session = new Session(channel);
        sessions.add(session);
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        boolean connected =
                channel.connect(new InetSocketAddress(endpoint.host(), endpoint.port()));
        channel.register(
                selector, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, session);
        busy++;
        if (connected) {
            session.write(FrontendMessages.startup(endpoint));
        }
    }

    private void turn(Deadline deadline) throws IOException {
        selector.select(deadline.millisLeft());
        for (SelectionKey key : selector.selectedKeys()) {
            Session session = (Session) key.attachment();
            if (key.isConnectable()) {
                session.channel.finishConnect();
                key.interestOps(SelectionKey.OP_READ);
                session.write(FrontendMessages.startup(endpoint));
            } else if (key.isReadable()) {
                session.read();
            }
        }
        selector.selectedKeys().clear();
    }

    @Override
    public void close() throws IOException {
        for (Session session : sessions) {
            session.channel.close();
        }
        selector.close();
    }

    /** One client. */
    private final class Session implements MessageScanner.Listener {
        private final SocketChannel channel;
        private final MessageScanner scanner = new MessageScanner();
        private boolean loggedIn;
        private @Nullable String error;

        Session(SocketChannel channel) {
            this.channel = channel;
        }

        void ask() throws IOException {
            busy++;
            write(QUERY.duplicate());
        }

        /** A few dozen bytes into an empty socket buffer: they always fit. */
        private void write(ByteBuffer message) throws IOException {
            channel.write(message);
            if (message.hasRemaining()) {
                throw new IOException("the socket took no more bytes");
            }
        }

        void read() throws IOException {
            in.clear();
            if (channel.read(in) < 0) {
                throw new IOException(
                        error == null
                                ? "session " + (sessions.indexOf(this) + 1) + " was closed"
                                : error);
            }
            scanner.feed(in.flip(), this);
        }

        @Override
        public void message(char type, long size, byte[] head) throws IOException {
            if (type == 'E') {
                error = MessageScanner.errorText(head);
            } else if (type == 'R' && ByteBuffer.wrap(head).getInt() != 0) {
                throw new IOException("the server asks for a password");
            } else if (type == 'Z') {
                if (error != null) {
                    throw new IOException(error);
                }
                if (loggedIn) {
                    answers++;
                    busy--;
                } else {
                    loggedIn = true;
                    write(QUERY.duplicate());
                }
            }
        }
    }

    /** A wait that ends. */
    private static final class Deadline {
        private final long endNanos;

        Deadline(Duration limit) {
            endNanos = System.nanoTime() + limit.toNanos();
        }

        long millisLeft() throws IOException {
            long left = (endNanos - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new IOException("the sessions did not answer in time");
            }
            return left;
        }
    }
}
