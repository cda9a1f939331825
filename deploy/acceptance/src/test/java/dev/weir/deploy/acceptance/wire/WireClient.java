package dev.weir.deploy.acceptance.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * A client that sends exactly what a test says and asserts each message that comes back. It does
 * its own framing, so that it can also send what no driver would. For one thread.
 */
public final class WireClient implements AutoCloseable {
    /** Far more than any answer takes: only a failing test waits for so long. */
    public static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int LARGEST = 1 << 27;

    /** How the bytes are handed to the kernel. */
    public enum Pace {
        /** What is sent together arrives together. */
        WHOLE,
        /** Each byte for itself, as from a client behind a bad link. */
        BYTES
    }

    private Socket socket;
    private DataInputStream in;
    private OutputStream out;
    private Pace pace = Pace.WHOLE;
    private byte[] key = new byte[0];

    private WireClient(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        this.out = socket.getOutputStream();
    }

    /** Connects to 127.0.0.1 and says nothing yet. */
    public static WireClient connect(int port) throws IOException {
        return connect("127.0.0.1", port);
    }

    /** Connects to 127.0.0.1 from another address of this machine, such as 127.0.0.2. */
    public static WireClient connect(String from, int port) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(from, 0));
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
        socket.connect(new InetSocketAddress("127.0.0.1", port), socket.getSoTimeout());
        return new WireClient(socket);
    }

    /** Connects and logs in where no password is asked for. */
    public static WireClient login(int port, String user, String database) throws IOException {
        return login(port, Map.of("user", user, "database", database));
    }

    /** Connects and logs in with these startup parameters where no password is asked for. */
    public static WireClient login(int port, Map<String, String> parameters) throws IOException {
        WireClient client = connect(port);
        client.send(Frontend.startup(new TreeMap<>(parameters)));
        client.readGreeting();
        return client;
    }

    /**
     * Speaks TLS from here on; returns when the handshake is over.
     *
     * @param protocols for the ALPN extension; none leaves it out
     */
    public WireClient secure(SSLContext context, String... protocols) throws IOException {
        SSLSocket secured =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket(socket, "localhost", socket.getPort(), true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        socket = secured;
        in = new DataInputStream(new BufferedInputStream(secured.getInputStream()));
        out = secured.getOutputStream();
        return this;
    }

    /** Asks for TLS in PostgreSQL's protocol, and speaks it. */
    public WireClient askForTls(SSLContext context) throws IOException {
        send(Frontend.sslRequest());
        assertThat(nextByte()).as("the answer to an SSLRequest").isEqualTo('S');
        return secure(context);
    }

    /** The certificate that the other side has shown. */
    public X509Certificate certificate() throws IOException {
        return (X509Certificate) ((SSLSocket) socket).getSession().getPeerCertificates()[0];
    }

    public WireClient pace(Pace value) {
        pace = value;
        return this;
    }

    /** How long one message may take to arrive. */
    public WireClient patience(Duration value) throws IOException {
        socket.setSoTimeout(Math.toIntExact(value.toMillis()));
        return this;
    }

    // ---- sending ----

    /** Sends messages, or any other bytes, together. */
    public WireClient send(byte[]... messages) throws IOException {
        byte[] bytes = Frontend.together(messages);
        if (pace == Pace.WHOLE) {
            out.write(bytes);
        } else {
            for (byte b : bytes) {
                out.write(b);
            }
        }
        return this;
    }

    public WireClient query(String sql) throws IOException {
        return send(Frontend.query(sql));
    }

    /** Ends the sending direction; answers can still be read. */
    public void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    // ---- reading ----

    /** The next message. Fails the test if none arrives in time. */
    public Backend next() throws IOException {
        try {
            int type = in.read();
            if (type < 0) {
                return Backend.END;
            }
            int length = in.readInt() - Integer.BYTES;
            assertThat(length).as("length of a message '%c'", type).isBetween(0, LARGEST);
            byte[] body = new byte[length];
            in.readFully(body);
            return new Backend((char) type, body);
        } catch (SocketTimeoutException e) {
            throw new AssertionError("no message within " + socket.getSoTimeout() + " ms", e);
        } catch (EOFException e) {
            throw new AssertionError("the connection ended in the midst of a message", e);
        } catch (IOException e) {
            // A reset: the other side closed while bytes of ours were under way.
            return Backend.END;
        }
    }

    /** One byte, such as the answer to an SSLRequest; -1 at the end. */
    public int nextByte() throws IOException {
        return in.read();
    }

    /** Asserts the next messages by their readable form. */
    public WireClient expect(String... messages) throws IOException {
        for (String message : messages) {
            assertThat(next()).hasToString(message);
        }
        return this;
    }

    /** Asserts that the next message is an error with this severity and SQLSTATE. */
    public Backend expectError(String severity, String sqlState) throws IOException {
        Backend message = next();
        assertThat(message.type()).as("%s", message).isEqualTo('E');
        assertThat(message.field('S') + " " + message.sqlState())
                .as("%s", message)
                .isEqualTo(severity + " " + sqlState);
        return message;
    }

    /** Asserts a FATAL error, and the end of the connection behind it. */
    public Backend expectFatal(String sqlState) throws IOException {
        Backend message = expectError("FATAL", sqlState);
        expectClosed();
        return message;
    }

    public void expectClosed() throws IOException {
        assertThat(next()).hasToString("(closed)");
    }

    /** All messages up to and including the next one of this type; or up to the end. */
    public List<Backend> readUntil(char type) throws IOException {
        List<Backend> messages = new ArrayList<>();
        while (messages.isEmpty()
                || (messages.getLast().type() != type && !messages.getLast().isEnd())) {
            messages.add(next());
        }
        return messages;
    }

    /** All messages up to ReadyForQuery, in their readable form. */
    public List<String> readAnswer() throws IOException {
        List<Backend> messages = readUntil('Z');
        return messages.stream().map(Backend::toString).toList();
    }

    /** Runs one statement and returns the first value of its first row. Fails on an error. */
    public String one(String sql) throws IOException {
        query(sql);
        List<Backend> answer = readUntil('Z');
        assertThat(answer).as(sql).noneMatch(m -> m.type() == 'E' || m.isEnd());
        return answer.stream()
                .filter(m -> m.type() == 'D')
                .map(m -> m.toString().replaceAll("^DataRow\\((.*)\\)$", "$1"))
                .findFirst()
                .orElseThrow(() -> new AssertionError(sql + " has no row: " + answer));
    }

    /**
     * Reads the rest of a login, which must succeed; its messages sorted, as order is free there.
     */
    public List<String> readGreeting() throws IOException {
        List<Backend> messages = readUntil('Z');
        assertThat(messages.getLast().type()).as("%s", messages).isEqualTo('Z');
        messages.stream().filter(m -> m.type() == 'K').forEach(m -> key = m.body());
        return messages.stream().map(Backend::toString).sorted().toList();
    }

    /** What a CancelRequest for this session has to show: process number and secret. */
    public byte[] key() {
        return key.clone();
    }

    /** Sends a CancelRequest for this session and waits until it is dealt with. */
    public void cancel() throws IOException {
        cancel(socket.getPort(), key());
    }

    /** Sends a CancelRequest and waits until the other side has closed its connection. */
    public static void cancel(int port, byte[] key) throws IOException {
        try (WireClient canceller = connect(port)) {
            canceller.send(Frontend.cancelRequest(key));
            canceller.expectClosed();
        }
    }

    /** Ends the session as the protocol has it, and waits for the other side to close. */
    public void terminate() throws IOException {
        send(Frontend.terminate());
        expectClosed();
    }

    /** Whatever has not been read; for a look at raw bytes. */
    public InputStream raw() {
        return in;
    }

    /** Closes the socket without a word. */
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
