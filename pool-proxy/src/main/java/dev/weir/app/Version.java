package dev.weir.app;

import picocli.CommandLine.IVersionProvider;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;

/** Which Weir this is, on which Java and Netty. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
        String netty =
                io.netty.util.Version.identify().values().stream()
                        .filter(version -> version.artifactId().equals("netty-common"))
                        .map(io.netty.util.Version::artifactVersion)
                        .max(Comparator.naturalOrder())
                        .orElse("unknown");
        return new String[] {
            "weir " + weir(),
            "java %s (%s)"
                    .formatted(
                            System.getProperty("java.version"), System.getProperty("java.vm.name")),
            "netty " + netty
        };
    }

    /** The project's version. */
    static String weir() throws IOException {
        try (InputStream in = Version.class.getResourceAsStream("version.txt")) {
            if (in == null) {
                throw new IOException("version.txt is missing from Weir's jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }
}
