package dev.weir.net;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;

/** What the configuration says about TLS cannot be used. */
public final class TlsException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * A file is not what a key says.
     *
     * @param key the configuration key that names the file
     * @param what completes the sentence "the file …"
     */
    TlsException(String key, Path file, String what, @Nullable Throwable cause) {
        super("`%s`: the file %s %s".formatted(key, file, what), cause);
    }

    /** Something that is no file's fault. */
    TlsException(String message, Throwable cause) {
        super(message, cause);
    }
}
