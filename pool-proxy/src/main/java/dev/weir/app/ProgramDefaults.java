package dev.weir.app;

/**
 * How the libraries behave in a process that is Weir's own. Each can be set otherwise on the
 * command line of the JVM; where Weir is embedded, nothing is set.
 */
public final class ProgramDefaults {
    private ProgramDefaults() {}

    /** Before any of the libraries is used. */
    public static void set() {
        // Perf: Netty's flight recorder events cost 60 ms of the start, and a look at each buffer.
        preset("io.netty.jfr.enabled", "false");
        // Perf: named, so that not every jar is looked through for it.
        preset("slf4j.provider", "ch.qos.logback.classic.spi.LogbackServiceProvider");
        preset("slf4j.internal.verbosity", "WARN");
        preset("java.util.logging.config.class", PlatformLog.class.getName());
        // A name may lead elsewhere after a failover, which would be noticed half a minute late.
        preset("sun.net.inetaddr.ttl", "5");
        ConsoleLog.use();
    }

    private static void preset(String name, String value) {
        if (System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }
}
