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
import java.util.Map;

/**
 * Reads configuration files. Any thread may use it; it reads files, so not an event loop.
 *
 * <p>A value may be {@code ${NAME}}, an environment variable.
 */
public final class ConfigFile {
    private ConfigFile() {}

    /**
     * The configuration in a file. Relative paths in it begin at its folder.
     *
     * @throws ConfigException with all mistakes, also if there is no such file
     */
    public static WeirConfig load(Path file) throws ConfigException {
        return load(file, Map.of());
    }

    static WeirConfig load(Path file, Map<String, String> set) throws ConfigException {
        Problems problems = new Problems(file.toString());
        String text = text(file, problems);
        problems.throwIfAny();
        Path folder = file.toAbsolutePath().getParent();
        return new ConfigReader(
                        file.toString(),
                        folder == null ? Path.of("") : folder,
                        new Variables(System::getenv))
                .read(text, set);
    }

    /**
     * The configuration in a text. Relative paths in it begin at the working directory.
     *
     * @param sourceName how messages name it
     * @throws ConfigException with all mistakes
     */
    public static WeirConfig parse(String text, String sourceName) throws ConfigException {
        return parse(text, sourceName, Map.of());
    }

    static WeirConfig parse(String text, String sourceName, Map<String, String> set)
            throws ConfigException {
        return new ConfigReader(sourceName, Path.of(""), new Variables(System::getenv))
                .read(text, set);
    }

    private static String text(Path file, Problems problems) {
        if (Files.isDirectory(file)) {
            problems.add(0, "is a folder; expected a configuration file");
            return "";
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(YamlText.MAX_LENGTH + 1);
        } catch (NoSuchFileException e) {
            problems.add(0, "there is no such file; `weir init %s` writes one".formatted(file));
            return "";
        } catch (AccessDeniedException e) {
            problems.add(0, "may not be read by the user that Weir runs as");
            return "";
        } catch (IOException e) {
            problems.add(0, "cannot be read: " + e.getMessage());
            return "";
        }
        if (bytes.length > YamlText.MAX_LENGTH) {
            problems.add(0, "is longer than 4MiB; expected a configuration file");
            return "";
        }
        ByteBuffer left = ByteBuffer.wrap(bytes);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(left).toString();
        } catch (CharacterCodingException e) {
            int line = 1;
            for (byte b : java.util.Arrays.copyOf(bytes, left.position())) {
                line += b == '\n' ? 1 : 0;
            }
            problems.add(line, "is not UTF-8 text; expected UTF-8");
            return "";
        }
    }
}
