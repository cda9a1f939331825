package dev.weir.deploy.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A client that can move a gigabyte without being the slowest part: it reads into one buffer and
 * only counts. It logs in only where no password is asked for. For one thread, except for the
 * deadline, which closes the socket under it.
 */
final class WireClient implements AutoCloseable {
    private static final int BUFFER = 256 * 1024;
    private static final int AUTHENTICATION_OK = 0;

    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER);
    private final MessageScanner scanner = new MessageScanner();
    private final CompletableFuture<Void> deadline = new CompletableFuture<>();

    private long dataBytes;
    private String tag = "";
    private String error = "";
    private boolean ready;
    private boolean copyIn;
    private boolean asked;

    private WireClient(SocketChannel channel, Duration limit) {
        this.channel = channel;
        // Reads and writes of a blocking channel know no time limit of their own.
        deadline.completeOnTimeout(null, limit.toMillis(), TimeUnit.MILLISECONDS)
                .thenRun(this::abandon);
    }

    /**
     * Connects and logs in.
     *
     * @param limit for all that this client will do; then its socket is closed
     */
    static WireClient connect(Endpoint endpoint, Duration limit) throws IOException {
        WireClient client = open(endpoint, limit);
        try {
            client.readUntilReady();
            return client;
        } catch (IOException e) {
            client.close();
            throw e;
        }
    }

    /** Whether a server answers a startup packet there with a request for authentication. */
    static boolean answers(Endpoint endpoint) {
        try (WireClient client = open(endpoint, Duration.ofSeconds(2))) {
            while (!client.asked && !client.ready && client.error.isEmpty()) {
                client.read();
            }
            return client.asked || client.ready;
        } catch (IOException e) {
            return false;
        }
    }

    private static WireClient open(Endpoint endpoint, Duration limit) throws IOException {
        SocketChannel channel = SocketChannel.open();
        WireClient client = new WireClient(channel, limit);
        try {
            channel.connect(new InetSocketAddress(endpoint.host(), endpoint.port()));
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            client.write(FrontendMessages.startup(endpoint));
            return client;
        } catch (IOException e) {
            client.close();
            throw e;
        }
    }

    /**
     * Runs a statement and reads its whole result.
     *
     * @return bytes of all DataRow or CopyData bodies
     */
    long query(String sql) throws IOException {
        dataBytes = 0;
        ready = false;
        write(FrontendMessages.query(sql));
        readUntilReady();
        return dataBytes;
    }

    /**
     * Runs a {@code COPY … FROM STDIN} and feeds it the same chunk again and again.
     *
     * @return the command tag, {@code COPY} and a number of rows
     */
    String copyIn(String sql, byte[] chunk, int times) throws IOException {
        ready = false;
        copyIn = false;
        write(FrontendMessages.query(sql));
        while (!copyIn) {
            read();
            check();
        }
        ByteBuffer data = FrontendMessages.copyData(chunk);
        ByteBuffer direct = ByteBuffer.allocateDirect(data.remaining()).put(data).flip();
        for (int i = 0; i < times; i++) {
            write(direct.rewind());
        }
        write(FrontendMessages.copyDone());
        readUntilReady();
        return tag;
    }

    private void readUntilReady() throws IOException {
        while (!ready) {
            read();
            if (asked) {
                throw new IOException("the server asks for a password");
            }
            // After an error in a query ReadyForQuery follows, in a login the end of the stream.
        }
        check();
    }

    private void check() throws IOException {
        if (!error.isEmpty()) {
            throw new IOException(error);
        }
    }

    private void read() throws IOException {
        in.clear();
        if (channel.read(in) < 0) {
            check();
            throw new IOException("the server has closed the session");
        }
        scanner.feed(in.flip(), this::message);
    }

    private void message(char type, long size, byte[] head) {
        switch (type) {
            case 'D', 'd' -> dataBytes += size;
            case 'R' -> asked = ByteBuffer.wrap(head).getInt() != AUTHENTICATION_OK;
            case 'E' -> error = MessageScanner.errorText(head);
            case 'C' -> tag = new String(head, 0, head.length - 1, StandardCharsets.UTF_8);
            case 'G' -> copyIn = true;
            case 'Z' -> ready = true;
            default -> {
                // Settings, notices and descriptions are none of the bench's business.
            }
        }
    }

    private void write(ByteBuffer message) throws IOException {
        while (message.hasRemaining()) {
            channel.write(message);
        }
    }

    private void abandon() {
        try {
            channel.close();
        } catch (IOException e) {
            // It is closed either way.
        }
    }

    @Override
    public void close() {
        try {
            if (ready) {
                write(FrontendMessages.terminate());
            }
        } catch (IOException e) {
            // The server was faster.
        }
        deadline.complete(null);
    }
}
