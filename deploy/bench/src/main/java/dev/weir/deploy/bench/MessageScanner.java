package dev.weir.deploy.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Finds the messages in what a server sends, manual section 55.7, wherever the reads have cut them.
 * Rows and COPY data are only counted; of every other message the first bytes are kept. A scanner
 * of an idle session holds a few dozen bytes, for there may be 10,000.
 */
final class MessageScanner {
    private static final int HEADER = 5;
    private static final int KEPT = 1024;
    private static final byte[] NOTHING = {};

    /** Is told of each message once it is complete. */
    interface Listener {
        /**
         * @param type the message's first byte
         * @param size of the body in bytes
         * @param head the first bytes of the body, at most 1,024; none for DataRow and CopyData
         */
        void message(char type, long size, byte[] head) throws IOException;
    }

    private final byte[] header = new byte[HEADER];
    private int headerSize;
    private long size;
    private long missing;
    private byte[] head = NOTHING;
    private int headSize;

    /** Consumes all of {@code in}. */
    void feed(ByteBuffer in, Listener listener) throws IOException {
        while (in.hasRemaining()) {
            if (headerSize < HEADER) {
                header[headerSize++] = in.get();
                if (headerSize == HEADER) {
                    begin();
                }
            } else {
                body(in);
            }
            if (headerSize == HEADER && missing == 0) {
                byte[] complete = head;
                head = NOTHING;
                headerSize = 0;
                listener.message((char) header[0], size, complete);
            }
        }
    }

    private void begin() throws IOException {
        size = ByteBuffer.wrap(header, 1, 4).getInt() - 4L;
        if (size < 0) {
            throw new IOException("a message of type " + (char) header[0] + " has a bad length");
        }
        missing = size;
        boolean data = header[0] == 'D' || header[0] == 'd';
        head = data || size == 0 ? NOTHING : new byte[(int) Math.min(size, KEPT)];
        headSize = 0;
    }

    private void body(ByteBuffer in) {
        int available = (int) Math.min(missing, in.remaining());
        int kept = Math.min(available, head.length - headSize);
        in.get(head, headSize, kept);
        headSize += kept;
        in.position(in.position() + available - kept);
        missing -= available;
    }

    /** The text of an ErrorResponse: its SQLSTATE and its message. */
    static String errorText(byte[] head) {
        String code = "";
        String message = "";
        for (String field : new String(head, StandardCharsets.UTF_8).split("\0", -1)) {
            if (field.startsWith("C")) {
                code = field.substring(1);
            } else if (field.startsWith("M")) {
                message = field.substring(1);
            }
        }
        return code + " " + message;
    }
}
