package dev.weir.classify;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * A session that gives PostgreSQL texts as they are: a driver would look into them before. It logs
 * in where nobody is asked for a password.
 */
final class Judge implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    /**
     * What came of a text.
     *
     * @param sqlState of the last error; empty if there was none
     * @param message of it
     * @param tags of the commands that ended well
     * @param firstValue of the first row in text; empty if there is none, or it is null
     * @param status of the transaction behind it: I, T or E (manual 54.7)
     */
    record Answer(
            String sqlState, String message, List<String> tags, String firstValue, char status) {
        boolean failed() {
            return !sqlState.isEmpty();
        }
    }

    Judge(int port, String user) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(60_000);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
        out = new DataOutputStream(socket.getOutputStream());
        byte[] startup =
                ("user\0" + user + "\0database\0postgres\0client_encoding\0UTF8\0\0")
                        .getBytes(UTF_8);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream message = new DataOutputStream(bytes);
        message.writeInt(8 + startup.length);
        message.writeInt(196_608);
        message.write(startup);
        out.write(bytes.toByteArray());
        answer();
    }

    /** One simple query (manual 54.2.3). COPY FROM STDIN is refused to the server. */
    Answer ask(String sql) throws IOException {
        send('Q', sql);
        return answer();
    }

    private void send(char type, String text) throws IOException {
        byte[] body = text.getBytes(UTF_8);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream message = new DataOutputStream(bytes);
        message.writeByte(type);
        message.writeInt(4 + body.length + 1);
        message.write(body);
        message.writeByte(0);
        out.write(bytes.toByteArray());
    }

    private Answer answer() throws IOException {
        List<String> tags = new ArrayList<>();
        String[] error = {"", ""};
        String value = null;
        while (true) {
            int type = in.read();
            if (type < 0) {
                throw new EOFException("the server has hung up");
            }
            byte[] body = in.readNBytes(in.readInt() - 4);
            switch (type) {
                case 'E' -> error = error(body);
                case 'C' -> tags.add(new String(body, 0, body.length - 1, UTF_8));
                case 'D' -> value = value == null ? firstValue(body) : value;
                case 'G' -> send('f', "not here");
                case 'Z' -> {
                    return new Answer(
                            error[0], error[1], tags, value == null ? "" : value, (char) body[0]);
                }
                default -> {}
            }
        }
    }

    private static String firstValue(byte[] row) {
        // Count of columns, then length and bytes of the first.
        if (row.length < 6 || row[2] < 0) {
            return "";
        }
        int length = (row[2] & 255) << 24 | (row[3] & 255) << 16 | (row[4] & 255) << 8;
        return new String(row, 6, length | (row[5] & 255), UTF_8);
    }

    private static String[] error(byte[] body) {
        String state = "";
        String text = "";
        for (String field : new String(body, UTF_8).split("\0")) {
            if (field.startsWith("C")) {
                state = field.substring(1);
            } else if (field.startsWith("M")) {
                text = field.substring(1);
            }
        }
        return new String[] {state, text};
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
