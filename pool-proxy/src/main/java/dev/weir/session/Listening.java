package dev.weir.session;

import dev.weir.server.ServerUnavailableException;
import dev.weir.session.state.ChannelNames;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.SqlState;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What one session listens to, without a server connection of its own: the shared {@link
 * ChannelListener} hears for it, and what PostgreSQL says of the {@link ChannelNames stand-ins}
 * tells what it has committed. Confined to the client's loop, but for the {@link
 * ChannelListener.Subscriber} methods.
 *
 * <p>The listener hears before the LISTEN is sent, so that nothing is missed that is notified after
 * its commit; a notification waits until the session is outside of a transaction, as PostgreSQL
 * would have it.
 */
final class Listening implements ChannelListener.Subscriber {
    /** Notifications that wait for a transaction's end, or for the client to read. */
    private static final int MAX_WAITING_BYTES = 4 << 20;

    /** After a failure to listen for it, a session listens by itself for this long. */
    private static final Duration PAUSE = Duration.ofSeconds(5);

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Notification(String channel, byte[] message) {}

    private final ClientSession session;
    private final Channel client;
    private final ChannelListener listener;

    /** Channels asked for, and of these the ones that are heard. */
    private final Set<String> asked = new HashSet<>();

    private final Set<String> heard = new HashSet<>();
    private final Deque<Notification> waiting = new ArrayDeque<>();
    private int waitingBytes;
    private boolean refused;
    private long refusedNanos;
    private boolean over;

    Listening(ClientSession session, ChannelListener listener) {
        this.session = session;
        this.client = session.channel();
        this.listener = listener;
    }

    /** Whether another listener would do as well: this one is asked for nothing, nor has failed. */
    boolean idle() {
        return asked.isEmpty() && !refused;
    }

    // ---- what the client sends ----

    /**
     * Looks at a Query or Parse that is there whole.
     *
     * @param at its type byte
     * @return null if it is to be sent as it is; the same object if it has to wait until the
     *     channels are heard; else the message to send in its place
     */
    @Nullable ByteBuf translate(ByteBuf in, int at, FrontendMessage type, int total) {
        if (refused && System.nanoTime() - refusedNanos < PAUSE.toNanos()) {
            return null;
        }
        refused = false;
        int body = at + FrontendMessage.HEADER;
        int past = at + total;
        int from = type == FrontendMessage.PARSE ? in.indexOf(body, past, (byte) 0) + 1 : body;
        int end = from > 0 ? in.indexOf(from, past, (byte) 0) : -1;
        if (end < 0) {
            return null;
        }
        Set<String> channels = new LinkedHashSet<>();
        byte[] text = ChannelNames.rewrite(ByteBufUtil.getBytes(in, from, end - from), channels);
        if (!hears(channels)) {
            return in;
        }
        if (text == null) {
            return null;
        }
        ByteBuf out = client.alloc().directBuffer(total + text.length);
        out.writeByte(type.code());
        out.writeInt(total - 1 + text.length - (end - from));
        out.writeBytes(in, body, from - body);
        out.writeBytes(text);
        out.writeBytes(in, end, past - end);
        return out;
    }

    /** Whether all of these are heard; asks for those that are not. */
    private boolean hears(Set<String> channels) {
        boolean all = true;
        for (String channel : channels) {
            all &= heard.contains(channel);
            ask(channel);
        }
        return all;
    }

    private void ask(String channel) {
        if (asked.add(channel)) {
            listener.subscribe(channel, this);
        }
    }

    /** PostgreSQL has said what the session listens to. */
    void settle(Set<String> standIns) {
        Set<String> committed = new HashSet<>();
        for (String standIn : standIns) {
            String channel = ChannelNames.channel(standIn);
            if (channel != null) {
                committed.add(channel);
                ask(channel);
            }
        }
        asked.removeIf(channel -> {
            boolean surplus = !committed.contains(channel);
            if (surplus) {
                heard.remove(channel);
                listener.unsubscribe(channel, this);
            }
            return surplus;
        });
    }

    /** The client is gone. */
    void close() {
        over = true;
        settle(Set.of());
        waiting.clear();
    }

    // ---- what the listener says ----

    @Override
    public void subscribed(String channel) {
        client.eventLoop()
                .execute(() -> {
                    if (!over && asked.contains(channel)) {
                        heard.add(channel);
                        session.proceed();
                    }
                });
    }

    @Override
    public void refused(String channel, ServerUnavailableException reason) {
        client.eventLoop()
                .execute(() -> {
                    asked.remove(channel);
                    if (!over) {
                        refused = true;
                        refusedNanos = System.nanoTime();
                        session.proceed();
                    }
                });
    }

    @Override
    public void notified(String channel, byte[] message) {
        client.eventLoop().execute(() -> add(new Notification(channel, message)));
    }

    private void add(Notification notification) {
        if (over) {
            return;
        }
        waiting.add(notification);
        waitingBytes += notification.message().length;
        deliver();
        if (waitingBytes > MAX_WAITING_BYTES) {
            session.farewell(
                    SqlState.CONFIGURATION_LIMIT_EXCEEDED.code(),
                    "More than %d bytes of notifications wait for this session, which reads none or is in a transaction."
                            .formatted(MAX_WAITING_BYTES));
        }
    }

    @Override
    public void lost() {
        client.eventLoop()
                .execute(() -> {
                    asked.clear();
                    heard.clear();
                    session.farewell(
                            SqlState.CONNECTION_FAILURE.code(),
                            "The server connection that listens for this session was lost, and notifications with it; connect and LISTEN again.");
                });
    }

    /** Passes on what waits, if this is the time for it. */
    void deliver() {
        while (!waiting.isEmpty() && client.isWritable() && session.quiet()) {
            Notification next = waiting.remove();
            waitingBytes -= next.message().length;
            if (session.state().wanted().channels().contains(standIn(next))) {
                session.output().message(next.message());
            }
        }
        session.output().flush();
    }

    private static String standIn(Notification notification) {
        return ChannelNames.standIn(notification.channel());
    }
}
