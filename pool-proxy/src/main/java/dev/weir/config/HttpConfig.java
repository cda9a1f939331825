package dev.weir.config;

import java.time.Duration;

/**
 * Where operators look.
 *
 * @param addr IP address or host name
 * @param port 1 to 65535, 0 for none
 * @param otlpEndpoint the URL that metrics are pushed to; empty for none
 * @param otlpInterval how often
 */
public record HttpConfig(String addr, int port, String otlpEndpoint, Duration otlpInterval) {
    /** Nothing is pushed. */
    public HttpConfig(String addr, int port) {
        this(addr, port, "", Duration.ofMinutes(1));
    }
}
