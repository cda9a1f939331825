package dev.weir.config;

/**
 * Where operators look.
 *
 * @param addr IP address or host name
 * @param port 1 to 65535, 0 for none
 */
public record HttpConfig(String addr, int port) {}
