package dev.weir.config;

import static dev.weir.config.Key.Change.RELOAD;
import static dev.weir.config.Key.Change.RESTART;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The part of the key table that says where clients connect, and how TCP connections are watched.
 */
final class ListenKeys {
    static final Group<ListenConfig> LISTEN = new Group<>("Where clients connect");

    static final Key<ListenConfig, String> LISTEN_ADDR =
            LISTEN.key(
                    "listen-addr",
                    Types.listenAddress(),
                    "127.0.0.1",
                    RESTART,
                    ListenConfig::addr,
                    "The address that clients connect to; \"*\" is every interface.");
    static final Key<ListenConfig, Integer> LISTEN_PORT =
            LISTEN.key(
                    "listen-port",
                    Types.integer(0, 65_535),
                    "6432",
                    RESTART,
                    ListenConfig::port,
                    "The port that clients connect to; 0 takes any free one and logs it.");
    static final Key<ListenConfig, Integer> READ_ONLY_PORT =
            LISTEN.optional(
                    "read-only-port",
                    Types.integer(0, 65_535),
                    RESTART,
                    ListenConfig::readOnlyPort,
                    "A second port, where no session can write: replicas answer. Without it there is"
                            + " none.");
    static final Key<ListenConfig, Integer> LISTEN_BACKLOG =
            LISTEN.key(
                    "listen-backlog",
                    Types.integer(1, 65_535),
                    "1024",
                    RESTART,
                    ListenConfig::backlog,
                    "Connections that the kernel may hold until Weir accepts them.");
    static final Key<ListenConfig, Integer> EVENT_LOOPS =
            LISTEN.key(
                    "event-loops",
                    Types.integer(0, 256),
                    "0",
                    RESTART,
                    ListenConfig::eventLoops,
                    "Threads that move bytes; 0 takes one for each two cores.");
    static final Key<ListenConfig, ListenConfig.Transport> TRANSPORT =
            LISTEN.key(
                    "transport",
                    Types.choice(ListenConfig.Transport.class, "auto", "io_uring", "epoll", "nio"),
                    "auto",
                    RESTART,
                    ListenConfig::transport,
                    "How the kernel is asked; auto takes the first of the others that works here."
                            + " io_uring has no Unix-domain sockets.");
    static final Key<ListenConfig, Boolean> SO_REUSEPORT =
            LISTEN.key(
                    "so-reuseport",
                    Types.flag(),
                    "false",
                    RESTART,
                    ListenConfig::reusePort,
                    "Whether a second process may listen on the same port, to take it over.");
    static final Key<ListenConfig, Path> UNIX_SOCKET_DIR =
            LISTEN.optional(
                    "unix-socket-dir",
                    TlsTypes.file(),
                    RESTART,
                    listen -> listen.unixSocket().folder(),
                    "A folder for the Unix-domain socket .s.PGSQL.PORT, where clients on this host"
                            + " connect besides; without it there is none.");
    static final Key<ListenConfig, Integer> UNIX_SOCKET_MODE =
            LISTEN.key(
                    "unix-socket-mode",
                    Types.fileMode(),
                    "0777",
                    RESTART,
                    listen -> listen.unixSocket().mode(),
                    "The permissions of that socket; who may not write to it may not connect.");
    static final Key<ListenConfig, Networks> PROXY_PROTOCOL_FROM =
            LISTEN.optional(
                    "proxy-protocol-from",
                    Types.networks(),
                    RELOAD,
                    ListenConfig::proxyFrom,
                    "Proxies that begin each connection with a PROXY header (version 1 or 2), which"
                            + " tells where the client is; from nobody else is it taken.");

    static final Group<TcpConfig> TCP =
            new Group<>("How TCP connections are watched, on both sides");

    static final Key<TcpConfig, Boolean> TCP_KEEPALIVE =
            TCP.key(
                    "tcp-keepalive",
                    Types.flag(),
                    "true",
                    RESTART,
                    TcpConfig::keepalive,
                    "Whether the kernel asks silent connections for a sign of life.");
    static final Key<TcpConfig, Duration> TCP_KEEPIDLE =
            TCP.key(
                    "tcp-keepidle",
                    Types.duration(Duration.ZERO, Bounds.DAY),
                    "0",
                    RESTART,
                    TcpConfig::keepidle,
                    "The silence before it asks, in whole seconds; 0 is the kernel's default.");
    static final Key<TcpConfig, Duration> TCP_KEEPINTVL =
            TCP.key(
                    "tcp-keepintvl",
                    Types.duration(Duration.ZERO, Bounds.DAY),
                    "0",
                    RESTART,
                    TcpConfig::keepintvl,
                    "The time between two questions, in whole seconds; 0 is the kernel's default.");
    static final Key<TcpConfig, Integer> TCP_KEEPCNT =
            TCP.key(
                    "tcp-keepcnt",
                    Types.integer(0, 127),
                    "0",
                    RESTART,
                    TcpConfig::keepcnt,
                    "Questions without an answer before the connection is given up; 0 is the"
                            + " kernel's default.");
    static final Key<TcpConfig, Duration> TCP_USER_TIMEOUT =
            TCP.key(
                    "tcp-user-timeout",
                    Types.duration(Duration.ZERO, Bounds.DAY),
                    "0",
                    RESTART,
                    TcpConfig::userTimeout,
                    "How long the other side may leave data without acknowledgement; 0 is the"
                            + " kernel's default, about a quarter of an hour. The transport nio"
                            + " cannot set it.");

    private ListenKeys() {}
}
