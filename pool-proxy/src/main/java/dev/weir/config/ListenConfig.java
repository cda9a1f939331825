package dev.weir.config;

import org.jspecify.annotations.Nullable;

/**
 * Where clients connect.
 *
 * @param addr IP address or host name; {@code *} for every interface
 * @param port 1 to 65535, or 0 for any free port (tests)
 * @param readOnlyPort the same for clients that must not write; null for none
 * @param backlog connections that the kernel may hold before they are accepted, at least 1
 * @param eventLoops threads that move bytes, 0 to let Weir choose
 * @param transport how the kernel is asked
 * @param reusePort whether other processes may listen on the same port
 * @param unixSocket where clients on this host connect besides
 * @param proxyFrom whose PROXY headers tell where clients are; null if there are none
 * @param tcp how TCP connections are watched, on both sides
 */
public record ListenConfig(
        String addr,
        int port,
        @Nullable Integer readOnlyPort,
        int backlog,
        int eventLoops,
        Transport transport,
        boolean reusePort,
        UnixSocketConfig unixSocket,
        @Nullable Networks proxyFrom,
        TcpConfig tcp) {
    /** TCP as the kernel has it alone, and no proxy in front. */
    public ListenConfig(String addr, int port, int backlog, int eventLoops, Transport transport) {
        this(addr, port, backlog, eventLoops, transport, false, UnixSocketConfig.NONE);
    }

    /** TCP as the kernel has it, and no proxy in front. */
    public ListenConfig(
            String addr,
            int port,
            int backlog,
            int eventLoops,
            Transport transport,
            boolean reusePort,
            UnixSocketConfig unixSocket) {
        this(
                addr,
                port,
                null,
                backlog,
                eventLoops,
                transport,
                reusePort,
                unixSocket,
                null,
                TcpConfig.DEFAULTS);
    }

    /**
     * The same with a second port, where clients must not write.
     *
     * @param second 1 to 65535, or 0 for any free port
     */
    public ListenConfig readOnlyPort(int second) {
        return new ListenConfig(
                addr,
                port,
                second,
                backlog,
                eventLoops,
                transport,
                reusePort,
                unixSocket,
                proxyFrom,
                tcp);
    }

    /** The kernel interface of the event loops. */
    public enum Transport {
        /** The best that works here: io_uring, else epoll, else NIO. */
        AUTO,
        IO_URING,
        EPOLL,
        NIO
    }
}
