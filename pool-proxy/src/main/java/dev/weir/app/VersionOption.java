package dev.weir.app;

import picocli.CommandLine.IVersionProvider;

import java.io.IOException;
import java.util.Comparator;

/** What {@code --version} says: which Weir this is, on which Java and Netty. */
final class VersionOption implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
        String netty =
                io.netty.util.Version.identify().values().stream()
                        .filter(version -> version.artifactId().equals("netty-common"))
                        .map(io.netty.util.Version::artifactVersion)
                        .max(Comparator.naturalOrder())
                        .orElse("unknown");
        return new String[] {
            "weir " + Version.weir(),
            "java %s (%s)"
                    .formatted(
                            System.getProperty("java.version"), System.getProperty("java.vm.name")),
            "netty " + netty
        };
    }
}
