package dev.weir.net;

import dev.weir.config.ListenConfig;

import io.netty.channel.ChannelHandler;

import org.jspecify.annotations.Nullable;

/**
 * All ports where clients are accepted. Any thread may use it.
 *
 * @param main for everybody
 * @param readOnly for those who must not write; null for none
 */
public record Listeners(Listener main, @Nullable Listener readOnly) implements AutoCloseable {
    /**
     * Listens; returns when clients are accepted.
     *
     * @param clients prepares each channel accepted at the main port
     * @param readers the same at the other
     * @param rate how many are accepted in a second, at both together
     * @throws ListenException if an address is not to be had; it names the key
     */
    public static Listeners open(
            ListenConfig listen,
            EventLoops loops,
            ChannelHandler clients,
            ChannelHandler readers,
            AcceptRate rate)
            throws ListenException {
        Listener main = Listener.open("listen-port", listen.port(), listen, loops, clients, rate);
        Integer second = listen.readOnlyPort();
        if (second == null) {
            return new Listeners(main, null);
        }
        try {
            return new Listeners(
                    main, Listener.open("read-only-port", second, listen, loops, readers, rate));
        } catch (ListenException e) {
            main.close();
            throw e;
        }
    }

    /** Whether clients are accepted, wherever they should be. */
    public boolean isOpen() {
        Listener second = readOnly;
        return main.isOpen() && (second == null || second.isOpen());
    }

    /**
     * Leaves the ports to another process that listens on them, if that is configured, and accepts
     * no more clients; those that are connected stay. Takes its time.
     */
    public void leave() {
        Listener second = readOnly;
        if (second != null) {
            second.leave();
        }
        main.leave();
    }

    /** Accepts no more clients; those that are connected stay. */
    @Override
    public void close() {
        Listener second = readOnly;
        if (second != null) {
            second.close();
        }
        main.close();
    }
}
