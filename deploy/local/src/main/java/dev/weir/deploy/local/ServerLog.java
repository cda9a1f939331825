package dev.weir.deploy.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** What a server wrote into its log file. */
final class ServerLog {
    private static final int TAIL = 25;

    private ServerLog() {}

    /** The log's length in bytes, 0 if it does not exist. */
    static long size(Path log) {
        try {
            return Files.size(log);
        } catch (IOException e) {
            return 0;
        }
    }

    /** The log from this byte on. */
    static String read(Path log, long from) {
        try (SeekableByteChannel channel = Files.newByteChannel(log)) {
            long length = Math.max(0, channel.size() - from);
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(length));
            channel.position(from);
            int count;
            do {
                count = channel.read(bytes);
            } while (bytes.hasRemaining() && count >= 0);
            return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new LocalServerException("The log " + log + " cannot be read: " + e, e);
        }
    }

    /** The last lines of the log from this byte on, for an error message. */
    static String tail(Path log, long from) {
        List<String> lines = read(log, from).lines().toList();
        if (lines.isEmpty()) {
            return "It logged nothing.";
        }
        return "The end of its log ("
                + log
                + "):\n  "
                + String.join(
                        "\n  ", lines.subList(Math.max(0, lines.size() - TAIL), lines.size()));
    }
}
