package dev.weir.server;

import dev.weir.config.ServerTlsConfig;
import dev.weir.net.ServerTls;
import dev.weir.net.TlsException;
import dev.weir.wire.Messages;
import dev.weir.wire.SqlState;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;

import org.jspecify.annotations.Nullable;

import java.nio.channels.ClosedChannelException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Brings TLS about on a new connection to PostgreSQL (manual section 54.2.10), and lets the handler
 * behind it begin once that is settled. Confined to the channel's loop; files are read elsewhere.
 */
final class TlsOpening extends ChannelInboundHandlerAdapter {
    private static final String CLOSED = "closed the connection where TLS was to begin";

    private final ServerTarget target;
    private final ServerTls tls;
    private final Executor blocking;
    private final Consumer<ServerUnavailableException> failed;
    private @Nullable ScheduledFuture<?> deadline;
    private boolean asked;
    private boolean over;

    /**
     * For one connection.
     *
     * @param blocking where files are read
     * @param failed hears why, if the connection cannot be used; it is closed then
     */
    TlsOpening(
            ServerTarget target,
            ServerTls tls,
            Executor blocking,
            Consumer<ServerUnavailableException> failed) {
        this.target = target;
        this.tls = tls;
        this.blocking = blocking;
        this.failed = failed;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        deadline =
                context.executor()
                        .schedule(
                                () ->
                                        fail(
                                                context,
                                                "did not answer within server-connect-timeout (%d ms)"
                                                        .formatted(
                                                                target.connectTimeout()
                                                                        .toMillis())),
                                target.connectTimeout().toMillis(),
                                TimeUnit.MILLISECONDS);
        if (target.tls().negotiation() == ServerTlsConfig.Negotiation.DIRECT) {
            secure(context);
            return;
        }
        asked = true;
        ByteBuf request = context.alloc().directBuffer(8);
        Messages.sslRequest(request);
        context.writeAndFlush(request);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (!over && message instanceof ByteBuf bytes && bytes.isReadable()) {
                answered(context, bytes);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void answered(ChannelHandlerContext context, ByteBuf bytes) {
        byte answer = bytes.readByte();
        if (!asked || bytes.isReadable()) {
            // Whoever sits in between could have put it there, to be taken for PostgreSQL's own.
            fail(context, "sent unencrypted data where TLS was to begin");
            return;
        }
        asked = false;
        switch (answer) {
            case 'S' -> secure(context);
            case 'N' -> {
                if (target.tls().sslmode().required()) {
                    fail(context, "has no TLS (ssl = off), and server-tls-sslmode demands it");
                } else {
                    proceed(context);
                }
            }
            default -> fail(context, "does not speak PostgreSQL's protocol");
        }
    }

    private void secure(ChannelHandlerContext context) {
        if (over) {
            return;
        }
        if (tls.isReady(target.tls())) {
            tls.begin(
                    context.channel(),
                    target.tls(),
                    target.host(),
                    target.port(),
                    target.connectTimeout());
        } else {
            blocking.execute(() -> prepare(context));
        }
    }

    private void prepare(ChannelHandlerContext context) {
        try {
            tls.prepare(target.tls());
            context.executor().execute(() -> secure(context));
        } catch (TlsException e) {
            String reason = "cannot be asked for TLS: " + e.getMessage();
            context.executor().execute(() -> fail(context, reason));
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (!(event instanceof SslHandshakeCompletionEvent handshake) || over) {
            return;
        }
        if (!handshake.isSuccess()) {
            fail(context, reason(handshake.cause()));
        } else if (target.tls().negotiation() == ServerTlsConfig.Negotiation.DIRECT
                && !ServerTls.isForPostgresql(context.channel())) {
            fail(
                    context,
                    "speaks TLS, but not for PostgreSQL's protocol; server-tls-sslnegotiation direct is for PostgreSQL from 17");
        } else {
            proceed(context);
        }
    }

    private static String reason(Throwable failure) {
        if (failure instanceof ClosedChannelException) {
            return CLOSED;
        }
        Throwable root = failure.getCause() == null ? failure : failure.getCause();
        return "does not come to terms with Weir about TLS: "
                + String.valueOf(root.getMessage()).replaceAll("[.\\s]+$", "");
    }

    private void proceed(ChannelHandlerContext context) {
        finish();
        context.pipeline().remove(this);
        context.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail(context, CLOSED);
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fail(context, "broke the connection where TLS was to begin: " + cause.getMessage());
    }

    /** {@code what} completes the sentence "PostgreSQL …". */
    private void fail(ChannelHandlerContext context, String what) {
        if (!over) {
            finish();
            failed.accept(
                    new ServerUnavailableException(
                            ServerUnavailableException.Kind.UNREACHABLE,
                            SqlState.SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION,
                            "PostgreSQL at %s %s.".formatted(target.address(), what)));
            context.close();
        }
    }

    private void finish() {
        over = true;
        ScheduledFuture<?> timer = deadline;
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
