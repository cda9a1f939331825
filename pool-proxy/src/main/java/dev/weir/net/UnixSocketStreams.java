package dev.weir.net;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOptions;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A Unix-domain socket with the streams and the read timeout of a {@link java.net.Socket}, which
 * the JDK has for channels only. Blocks. One thread reads and writes; any may close.
 */
final class UnixSocketStreams extends SocketImpl {
    private static final String UNIX_ONLY = "a Unix-domain socket only connects to its file";

    private final Path path;

    /**
     * Does not block, so that a read can be given up. Written before the streams are handed out.
     */
    private volatile @Nullable SocketChannel channel;

    private volatile @Nullable Selector selector;

    /** How long a read may last, in milliseconds; 0 for ever. */
    private volatile int timeout;

    UnixSocketStreams(Path path) {
        this.path = path;
    }

    // ---- opening and closing ----

    @Override
    protected void connect(SocketAddress ignored, int ignoredToo) throws IOException {
        SocketChannel opened = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel = opened;
        opened.configureBlocking(false);
        try {
            // It succeeds or fails at once: the kernel knows whether anybody listens.
            opened.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            throw new SocketException("%s: %s".formatted(path, e.getMessage()));
        }
        selector = Selector.open();
        opened.register(selector, 0);
    }

    @Override
    protected void close() throws IOException {
        SocketChannel opened = channel;
        Selector waiting = selector;
        if (waiting != null) {
            waiting.close();
        }
        if (opened != null) {
            opened.close();
        }
    }

    // ---- bytes ----

    private SocketChannel channel() throws SocketException {
        SocketChannel opened = channel;
        if (opened == null) {
            throw new SocketException("not connected");
        }
        return opened;
    }

    private void await(int operation, int millis) throws IOException {
        Selector waiting = Objects.requireNonNull(selector);
        try {
            channel().keyFor(waiting).interestOps(operation);
            if (waiting.select(_ -> {}, millis) == 0 && millis > 0) {
                throw new SocketTimeoutException("no answer from " + path);
            }
        } catch (ClosedSelectorException e) {
            throw new SocketException("closed while it was waited for");
        }
    }

    @Override
    protected InputStream getInputStream() throws IOException {
        SocketChannel source = channel();
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                ByteBuffer room = ByteBuffer.wrap(into, offset, length);
                int read = source.read(room);
                while (read == 0 && length > 0) {
                    await(SelectionKey.OP_READ, timeout);
                    read = source.read(room);
                }
                return read;
            }
        };
    }

    @Override
    protected OutputStream getOutputStream() throws IOException {
        SocketChannel sink = channel();
        return new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                write(new byte[] {(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] from, int offset, int length) throws IOException {
                ByteBuffer rest = ByteBuffer.wrap(from, offset, length);
                while (rest.hasRemaining()) {
                    if (sink.write(rest) == 0) {
                        await(SelectionKey.OP_WRITE, timeout);
                    }
                }
            }
        };
    }

    /** Unknown, which a stream may always say. */
    @Override
    protected int available() {
        return 0;
    }

    // ---- options ----

    /** Those of TCP mean nothing here, and harm nobody. */
    @Override
    public void setOption(int option, Object value) {
        if (option == SocketOptions.SO_TIMEOUT) {
            timeout = (Integer) value;
        }
    }

    @Override
    public Object getOption(int option) {
        return switch (option) {
            case SocketOptions.SO_TIMEOUT -> timeout;
            case SocketOptions.SO_SNDBUF, SocketOptions.SO_RCVBUF -> 8192;
            default -> false;
        };
    }

    // ---- what only other sockets do ----

    @Override
    protected void create(boolean stream) {
        // There is nothing to make before it is known where it leads.
    }

    @Override
    protected void connect(String host, int port) throws IOException {
        throw new SocketException(UNIX_ONLY);
    }

    @Override
    protected void connect(InetAddress address, int port) throws IOException {
        throw new SocketException(UNIX_ONLY);
    }

    @Override
    protected void bind(InetAddress host, int port) throws IOException {
        throw new SocketException(UNIX_ONLY);
    }

    @Override
    protected void listen(int backlog) throws IOException {
        throw new SocketException(UNIX_ONLY);
    }

    @Override
    protected void accept(SocketImpl socket) throws IOException {
        throw new SocketException(UNIX_ONLY);
    }

    @Override
    protected void sendUrgentData(int data) throws IOException {
        throw new SocketException(UNIX_ONLY);
    }
}
