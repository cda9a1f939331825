package dev.weir.server;

import dev.weir.auth.ServerLogin;
import dev.weir.auth.ServerStep;
import dev.weir.net.ServerTls;
import dev.weir.wire.Backend;
import dev.weir.wire.CancelKey;
import dev.weir.wire.ErrorFields;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.Messages;
import dev.weir.wire.SqlState;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.ScheduledFuture;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * A server connection from its first packet to its first ReadyForQuery (manual section 54.2.1).
 * Confined to the channel's loop, but for password work, which runs on the executor for blocking
 * work.
 */
final class ServerStartup extends ByteToMessageDecoder {
    /** No message of a login is longer; an error text with all its fields is not either. */
    private static final int MAX_MESSAGE = 64 * 1024;

    private static final int SLOT_SHORTAGE_CLASS = 53;

    private final ServerTarget target;
    private final Executor blocking;
    private final ServerDialer.Listener listener;
    private final ServerLogin login;
    private final Map<String, String> parameters = new LinkedHashMap<>();
    private @Nullable CancelKey cancelKey;
    private @Nullable ScheduledFuture<?> deadline;
    private boolean answering;
    private boolean done;

    ServerStartup(ServerTarget target, Executor blocking, ServerDialer.Listener listener) {
        this.target = target;
        this.blocking = blocking;
        this.listener = listener;
        this.login = new ServerLogin(target.user(), target.credential());
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        byte[] endPoint = ServerTls.endPoint(context.channel());
        if (endPoint != null) {
            login.bindTo(endPoint);
        }
        ByteBuf packet = context.alloc().directBuffer();
        Map<String, String> wanted = new LinkedHashMap<>();
        wanted.put("user", target.user());
        wanted.put("database", target.database());
        Messages.startup(packet, wanted);
        context.writeAndFlush(packet);
        deadline =
                context.executor()
                        .schedule(
                                () ->
                                        fail(
                                                context,
                                                "PostgreSQL at %s did not finish the login within server-connect-timeout (%d ms)."
                                                        .formatted(
                                                                target.address(),
                                                                target.connectTimeout()
                                                                        .toMillis())),
                                target.connectTimeout().toMillis(),
                                TimeUnit.MILLISECONDS);
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        while (!answering && !done && in.readableBytes() >= FrontendMessage.HEADER) {
            byte type = in.getByte(in.readerIndex());
            int length = in.getInt(in.readerIndex() + 1);
            if (length < FrontendMessage.LENGTH_FIELD || length > MAX_MESSAGE) {
                fail(
                        context,
                        "What answers at %s does not speak PostgreSQL's protocol."
                                .formatted(target.address()));
                return;
            }
            if (in.readableBytes() < length + 1) {
                return;
            }
            in.skipBytes(FrontendMessage.HEADER);
            message(context, type, in.readSlice(length - FrontendMessage.LENGTH_FIELD));
        }
        if (done) {
            in.skipBytes(in.readableBytes());
        }
    }

    private void message(ChannelHandlerContext context, byte type, ByteBuf body) {
        switch (type) {
            case Backend.AUTHENTICATION -> authenticate(context, body);
            case Backend.PARAMETER_STATUS -> parameters.put(cstring(body), cstring(body));
            case Backend.BACKEND_KEY_DATA -> cancelKey = CancelKey.read(body);
            case Backend.NOTICE_RESPONSE, Backend.NEGOTIATE_PROTOCOL_VERSION -> {}
            case Backend.ERROR_RESPONSE -> refused(context, body);
            case Backend.READY_FOR_QUERY -> ready(context);
            default ->
                    fail(
                            context,
                            "PostgreSQL at %s sent an unexpected message (%c) during the login."
                                    .formatted(target.address(), (char) (type & 0xff)));
        }
    }

    private void authenticate(ChannelHandlerContext context, ByteBuf body) {
        if (body.readableBytes() < Integer.BYTES) {
            fail(context, "PostgreSQL at %s sent a broken login.".formatted(target.address()));
            return;
        }
        int code = body.readInt();
        byte[] rest = new byte[body.readableBytes()];
        body.readBytes(rest);
        if (!login.slow(code)) {
            answer(context, login.on(code, rest));
            return;
        }
        // Nothing else of this connection is read meanwhile.
        answering = true;
        blocking.execute(() -> {
            ServerStep step = login.on(code, rest);
            context.executor().execute(() -> worked(context, step));
        });
    }

    private void worked(ChannelHandlerContext context, ServerStep step) {
        answering = false;
        if (done) {
            return;
        }
        answer(context, step);
        if (!done) {
            // What arrived while the password was worked on is still in the cumulation.
            try {
                channelRead(context, context.alloc().buffer(0));
            } catch (Exception e) {
                exceptionCaught(context, e);
            }
        }
    }

    private void answer(ChannelHandlerContext context, ServerStep step) {
        // Perf: a switch over types is put together at its first use, in 10 ms of the first login.
        if (step instanceof ServerStep.Answer answer) {
            ByteBuf message = context.alloc().directBuffer();
            Messages.password(message, answer.body());
            context.writeAndFlush(message);
        } else if (step instanceof ServerStep.Failed failed) {
            fail(
                    new ServerUnavailableException(
                            ServerUnavailableException.Kind.REFUSED,
                            failed.state(),
                            failed.message()));
            context.close();
        }
    }

    private void refused(ChannelHandlerContext context, ByteBuf body) {
        ErrorFields fields = ErrorFields.read(body, body.readerIndex(), body.readableBytes());
        String state = fields.sqlState();
        ServerUnavailableException.Kind kind =
                state.startsWith(String.valueOf(SLOT_SHORTAGE_CLASS))
                        ? ServerUnavailableException.Kind.FULL
                        : state.equals(SqlState.CANNOT_CONNECT_NOW.code())
                                        || state.equals(
                                                SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE.code())
                                ? ServerUnavailableException.Kind.UNREACHABLE
                                : ServerUnavailableException.Kind.REFUSED;
        fail(
                new ServerUnavailableException(
                        kind,
                        state.isEmpty() ? SqlState.CONNECTION_FAILURE.code() : state,
                        fields.message().isEmpty()
                                ? "PostgreSQL at %s refused the login without a word."
                                        .formatted(target.address())
                                : fields.message()));
        context.close();
    }

    private void ready(ChannelHandlerContext context) {
        CancelKey key = cancelKey;
        if (key == null) {
            // Poolers in between may send none; then nothing can be cancelled, which is legal.
            key = new CancelKey(0, new byte[Integer.BYTES]);
        }
        finish();
        if (target.standby()) {
            parameters.computeIfPresent(ServerConnection.IN_HOT_STANDBY, (_, _) -> "off");
        }
        ServerConnection server =
                new ServerConnection(
                        target,
                        context.channel(),
                        key,
                        new ServerParameters(parameters),
                        System.nanoTime(),
                        Unheld.INSTANCE);
        context.pipeline().replace(this, null, server);
        listener.opened(server);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        super.channelInactive(context);
        fail(
                context,
                "PostgreSQL at %s closed the connection during the login."
                        .formatted(target.address()));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fail(
                context,
                "The connection to PostgreSQL at %s broke during the login: %s"
                        .formatted(target.address(), cause.getMessage()));
    }

    private void fail(ChannelHandlerContext context, String message) {
        fail(
                new ServerUnavailableException(
                        ServerUnavailableException.Kind.UNREACHABLE,
                        SqlState.SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION,
                        message));
        context.close();
    }

    /** Tells the listener, unless it has heard already. On the channel's loop. */
    void fail(ServerUnavailableException failure) {
        if (!done) {
            finish();
            listener.failed(failure);
        }
    }

    private void finish() {
        done = true;
        ScheduledFuture<?> timer = deadline;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private static String cstring(ByteBuf body) {
        int length = body.bytesBefore((byte) 0);
        if (length < 0) {
            return "";
        }
        String text = body.readCharSequence(length, StandardCharsets.UTF_8).toString();
        body.skipBytes(1);
        return text;
    }
}
