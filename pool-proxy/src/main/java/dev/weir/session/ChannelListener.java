package dev.weir.session;

import dev.weir.server.ServerConnection;
import dev.weir.server.ServerDialer;
import dev.weir.server.ServerTarget;
import dev.weir.server.ServerUnavailableException;
import dev.weir.server.ServerView;
import dev.weir.wire.Backend;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.Messages;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.EventLoop;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One server connection that listens for all sessions of a database (manual section on LISTEN).
 * Everything but {@link #subscribe} and {@link #unsubscribe} happens on its own loop.
 *
 * <p>It is opened for the first subscriber and closed behind the last. If it is lost, all
 * subscribers are told and forgotten: what was notified meanwhile is gone, and only they can know
 * what that means.
 */
final class ChannelListener implements ServerConnection.Holder {
    private static final Logger LOG = LoggerFactory.getLogger(ChannelListener.class);

    /** A notification has at most 8000 bytes of payload. */
    private static final int MAX_MESSAGE = 64 * 1024;

    /** A session. Called on the listener's loop. */
    interface Subscriber {
        /** Notifications of {@code channel} come from now on. */
        void subscribed(String channel);

        /** The channel cannot be listened to; the subscription is forgotten. */
        void refused(String channel, ServerUnavailableException reason);

        /** A whole NotificationResponse, not to be changed. */
        void notified(String channel, byte[] message);

        /** Notifications may have been lost; all subscriptions are forgotten. */
        void lost();
    }

    private final EventLoop loop;
    private final ServerDialer dialer;
    private final ServerTarget target;
    private final Map<String, Set<Subscriber>> channels = new HashMap<>();

    /** Channels for which LISTEN is on its way: one set for each Query sent. */
    private final Deque<Set<String>> sent = new ArrayDeque<>();

    /** Channels that the server connection listens to. */
    private final Set<String> active = new LinkedHashSet<>();

    private @Nullable ServerConnection server;
    private @Nullable ByteBuf unread;
    private boolean dialing;
    private boolean failed;

    /** The server is no primary any more. */
    private boolean left;

    ChannelListener(EventLoop loop, ServerDialer dialer, ServerTarget target) {
        this.loop = loop;
        this.dialer = dialer;
        this.target = target;
    }

    /** From any thread: {@code subscriber} hears when it is so. */
    void subscribe(String channel, Subscriber subscriber) {
        loop.execute(() -> {
            channels.computeIfAbsent(channel, _ -> new LinkedHashSet<>()).add(subscriber);
            if (active.contains(channel)) {
                subscriber.subscribed(channel);
            } else if (server == null) {
                dial();
            } else if (sent.stream().noneMatch(pending -> pending.contains(channel))) {
                listen(Set.of(channel));
            }
        });
    }

    /** From any thread. */
    void unsubscribe(String channel, Subscriber subscriber) {
        loop.execute(() -> {
            Set<Subscriber> subscribers = channels.get(channel);
            if (subscribers == null || !subscribers.remove(subscriber) || !subscribers.isEmpty()) {
                return;
            }
            channels.remove(channel);
            ServerConnection listening = server;
            if (listening == null) {
                return;
            }
            if (channels.isEmpty()) {
                hangUp(listening);
            } else if (active.remove(channel)) {
                query(listening, "UNLISTEN " + quoted(channel), Set.of());
            }
        });
    }

    /**
     * From any thread: the server is no primary any more; all subscribers are told and forgotten.
     */
    void leave() {
        loop.execute(() -> {
            left = true;
            ServerConnection listening = server;
            if (listening != null) {
                listening.close();
            }
        });
    }

    private void hangUp(ServerConnection listening) {
        server = null;
        forget();
        ByteBuf terminate = listening.channel().alloc().directBuffer(FrontendMessage.HEADER);
        Messages.terminate(terminate);
        listening.write(terminate);
        listening.flush();
        listening.close();
    }

    private void forget() {
        active.clear();
        sent.clear();
        failed = false;
        ByteBuf rest = unread;
        unread = null;
        if (rest != null) {
            rest.release();
        }
    }

    // ---- opening ----

    private void dial() {
        if (dialing) {
            return;
        }
        dialing = true;
        dialer.dial(
                loop,
                target,
                new ServerDialer.Listener() {
                    @Override
                    public void opened(ServerConnection opened) {
                        dialing = false;
                        opened.heldBy(ChannelListener.this);
                        server = opened;
                        if (channels.isEmpty()) {
                            hangUp(opened);
                        } else if (left) {
                            opened.close();
                        } else {
                            listen(Set.copyOf(channels.keySet()));
                        }
                    }

                    @Override
                    public void failed(ServerUnavailableException failure) {
                        dialing = false;
                        refuseAll(failure);
                    }
                });
    }

    private void refuseAll(ServerUnavailableException reason) {
        Map<String, Set<Subscriber>> refused = Map.copyOf(channels);
        channels.clear();
        refused.forEach((channel, subscribers) -> {
            for (Subscriber subscriber : List.copyOf(subscribers)) {
                subscriber.refused(channel, reason);
            }
        });
    }

    private void listen(Set<String> wanted) {
        ServerConnection listening = server;
        if (listening == null) {
            return;
        }
        StringBuilder sql = new StringBuilder();
        wanted.forEach(channel -> sql.append("LISTEN ").append(quoted(channel)).append(';'));
        query(listening, sql.toString(), wanted);
    }

    private void query(ServerConnection listening, String sql, Set<String> wanted) {
        sent.add(wanted);
        listening.query(sql);
        listening.flush();
    }

    private static String quoted(String channel) {
        return '"' + channel.replace("\"", "\"\"") + '"';
    }

    // ---- what the server says ----

    @Override
    public void serverRead(ServerConnection from, ByteBuf bytes) {
        if (from != server) {
            bytes.release();
            return;
        }
        ByteBuf in = unread == null ? bytes : unread;
        if (in != bytes) {
            in.writeBytes(bytes);
            bytes.release();
        }
        unread = null;
        while (from == server && in.readableBytes() >= FrontendMessage.HEADER) {
            int start = in.readerIndex();
            int length = in.getInt(start + 1);
            if (length < FrontendMessage.LENGTH_FIELD || length > MAX_MESSAGE) {
                LOG.warn("the listener at {} was sent a broken message", target.address());
                from.close();
                break;
            }
            if (in.readableBytes() < length + 1) {
                break;
            }
            message(in.getByte(start), in, start, length);
            in.readerIndex(start + length + 1);
        }
        if (from == server && in.isReadable()) {
            unread =
                    from.channel()
                            .alloc()
                            .directBuffer(in.readableBytes() + 256)
                            .writeBytes(in, in.readerIndex(), in.readableBytes());
        }
        in.release();
    }

    private void message(byte type, ByteBuf in, int start, int length) {
        switch (type) {
            case Backend.NOTIFICATION_RESPONSE -> notification(in, start, length);
            case Backend.ERROR_RESPONSE -> failed = true;
            case Backend.READY_FOR_QUERY -> ready();
            default -> {}
        }
    }

    private void notification(ByteBuf in, int start, int length) {
        int name = start + FrontendMessage.HEADER + Integer.BYTES;
        int end = in.indexOf(name, start + 1 + length, (byte) 0);
        if (end < 0) {
            return;
        }
        String channel = in.toString(name, end - name, StandardCharsets.UTF_8);
        Set<Subscriber> subscribers = channels.get(channel);
        if (subscribers != null && !subscribers.isEmpty()) {
            byte[] message = ByteBufUtil.getBytes(in, start, length + 1, true);
            for (Subscriber subscriber : new ArrayList<>(subscribers)) {
                subscriber.notified(channel, message);
            }
        }
    }

    private void ready() {
        Set<String> listened = sent.poll();
        if (listened == null) {
            return;
        }
        if (failed) {
            // No error is known that LISTEN could meet here: begin anew.
            failed = false;
            ServerConnection listening = server;
            if (listening != null) {
                listening.close();
            }
            return;
        }
        for (String channel : listened) {
            Set<Subscriber> subscribers = channels.get(channel);
            if (subscribers == null) {
                // The last one has left meanwhile.
                ServerConnection listening = server;
                if (listening != null) {
                    query(listening, "UNLISTEN " + quoted(channel), Set.of());
                }
                continue;
            }
            active.add(channel);
            for (Subscriber subscriber : List.copyOf(subscribers)) {
                subscriber.subscribed(channel);
            }
        }
    }

    @Override
    public ServerView.State purpose() {
        return ServerView.State.ACTIVE;
    }

    @Override
    public void serverReadComplete(ServerConnection from) {}

    @Override
    public void serverWritabilityChanged(ServerConnection from) {}

    @Override
    public void serverClosed(ServerConnection from) {
        if (from != server) {
            return;
        }
        server = null;
        forget();
        Set<Subscriber> all = new LinkedHashSet<>();
        channels.values().forEach(all::addAll);
        LOG.warn(
                "the server connection at {} that listens to {} channels was lost; {} sessions are closed, for they may have missed notifications",
                target.address(),
                channels.size(),
                all.size());
        channels.clear();
        all.forEach(Subscriber::lost);
    }
}
