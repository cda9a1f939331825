package dev.weir.net;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

/**
 * The file of a Unix-domain socket that Weir listens on, named as PostgreSQL names it: {@code
 * .s.PGSQL.PORT}. Works on files: not for an event loop.
 */
public final class UnixSocket {
    private final Path path;

    /** Which file it was when it was made; another process may have put its own there since. */
    private @Nullable Object made;

    UnixSocket(Path path) {
        this.path = path;
    }

    /** Where the socket of {@code port} is in a folder. */
    public static Path in(Path folder, int port) {
        return folder.resolve(".s.PGSQL." + port);
    }

    Path path() {
        return path;
    }

    /**
     * Removes what a process that is gone has left.
     *
     * @throws IOException if somebody listens there, or something else is in its place
     */
    void claim() throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!attributes().isOther()) {
            throw new IOException("what is there is no socket");
        }
        try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            throw new IOException("another process listens there");
        } catch (java.net.ConnectException e) {
            // Nobody does any more.
            Files.delete(path);
        }
    }

    /** Says who may connect, now that it is there. */
    void made(int mode) throws IOException {
        Files.setAttribute(path, "unix:mode", mode);
        made = attributes().fileKey();
    }

    /** Removes it, unless it is another's by now. */
    void remove() {
        try {
            if (Objects.equals(made, attributes().fileKey())) {
                Files.delete(path);
            }
        } catch (IOException e) {
            // Then it is gone already.
        }
    }

    private BasicFileAttributes attributes() throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }
}
