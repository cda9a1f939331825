package dev.weir.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads a secret that stands in a file of its own. */
final class PasswordFile {
    /** Tokens that are used as passwords have a few kilobytes. */
    private static final int MAX_BYTES = 64 << 10;

    private PasswordFile() {}

    /** The first line. The exception completes the sentence "the file …". */
    static Secret read(Path file) throws BadValueException {
        if (Files.isDirectory(file)) {
            throw new BadValueException("is a folder");
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new BadValueException("does not exist");
        } catch (AccessDeniedException e) {
            throw new BadValueException("may not be read by the user that Weir runs as");
        } catch (IOException e) {
            throw new BadValueException("cannot be read");
        }
        if (bytes.length > MAX_BYTES) {
            throw new BadValueException("is longer than 64KiB");
        }
        String line;
        try {
            line =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString()
                            .lines()
                            .findFirst()
                            .orElse("");
        } catch (CharacterCodingException e) {
            throw new BadValueException("is not UTF-8 text");
        }
        if (line.isEmpty()) {
            throw new BadValueException("has an empty first line");
        }
        return Types.secret().parse(line);
    }
}
