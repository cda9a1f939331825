package dev.weir.session;

import dev.weir.auth.AuthStep;
import dev.weir.auth.ClientLogin;
import dev.weir.net.BrokenChannel;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.Messages;
import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;
import dev.weir.wire.StartupPacket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A client from its first byte to the end of its login (manual section 54.2.1), after which a
 * {@link ClientSession} takes its place. On the client's loop, but for the derivation of keys.
 */
final class Login extends ChannelInboundHandlerAdapter {
    /**
     * Where the login stands. Each step goes to the next, and {@link #REQUEST} to {@link #OVER} for
     * a cancel request.
     */
    private enum Step {
        /**
         * Expecting a packet without type: a request for encryption, a cancel, or the startup
         * packet.
         */
        REQUEST,
        /** The password work of one message runs elsewhere. */
        WORKING,
        /** Expecting a password message. */
        ANSWER,
        /** The login has failed, and the client will hear so later. */
        HELD_BACK,
        /** Logged in, refused, or gone. */
        OVER
    }

    private final Sessions sessions;
    private final Channel channel;
    private final boolean readOnly;
    private final Encryption encryption;
    private final @Nullable ScheduledFuture<?> deadline;
    private Step step = Step.REQUEST;
    private @Nullable ByteBuf unread;
    private boolean admitted;
    private boolean handedOver;
    private @Nullable StartupRequest asked;
    private @Nullable ClientLogin login;

    /**
     * Nothing has been sent yet.
     *
     * @param readOnly whether who comes this way must not write
     */
    Login(Sessions sessions, Channel channel, boolean readOnly) {
        this.sessions = sessions;
        this.readOnly = readOnly;
        this.channel = channel;
        this.encryption = new Encryption(sessions.tls(), channel);
        long timeout = sessions.config().login().clientLoginTimeout().toMillis();
        this.deadline =
                channel.eventLoop()
                        .schedule(
                                () ->
                                        refuse(
                                                SqlState.PROTOCOL_VIOLATION,
                                                "The login was not finished within client-login-timeout (%d ms)."
                                                        .formatted(timeout)),
                                timeout,
                                TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf bytes) || step == Step.OVER || step == Step.HELD_BACK) {
            ReferenceCountUtil.release(message);
            return;
        }
        ByteBuf before = unread;
        if (before == null) {
            unread = bytes;
        } else {
            before.writeBytes(bytes);
            bytes.release();
            if (before.readableBytes() > 2 * FrontendMessage.HEADER + 65_535) {
                refuse(SqlState.PROTOCOL_VIOLATION, "too much data before the end of the login");
                return;
            }
        }
        proceed();
    }

    private void proceed() {
        try {
            boolean more = true;
            while (more) {
                more =
                        switch (step) {
                            case REQUEST -> request();
                            case ANSWER -> answer();
                            case WORKING, HELD_BACK, OVER -> false;
                        };
            }
        } catch (ProtocolException e) {
            refuse(e);
        }
        ByteBuf rest = unread;
        if (rest != null && !rest.isReadable()) {
            rest.release();
            unread = null;
        }
    }

    // ---- the first packets ----

    /** Handles one packet without a type byte; false if it has not arrived whole. */
    private boolean request() throws ProtocolException {
        ByteBuf in = unread;
        if (in == null || !in.isReadable()) {
            return false;
        }
        if (encryption.isBegunBy(in)) {
            unread = null;
            encryption.beginWith(in);
            return false;
        }
        if (in.readableBytes() < Integer.BYTES) {
            return false;
        }
        int length = in.getInt(in.readerIndex());
        StartupPacket.checkLength(length);
        if (in.readableBytes() < length) {
            return false;
        }
        in.skipBytes(Integer.BYTES);
        StartupPacket packet = StartupPacket.read(in.readSlice(length - Integer.BYTES));
        // Perf: a switch over types is put together at its first use, in 10 ms of the first login.
        if (packet instanceof StartupPacket.Startup startup) {
            startup(startup);
        } else if (packet instanceof StartupPacket.SslRequest) {
            encryption.sslRequested(in);
        } else if (packet instanceof StartupPacket.GssEncRequest) {
            encryption.gssRequested(in);
        } else if (packet instanceof StartupPacket.Cancel cancel) {
            step = Step.OVER;
            finish();
            // Protocol: there is no answer; the client takes the end of the connection for one.
            sessions.cancel(cancel.key(), channel::close);
        }
        return true;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            try {
                encryption.handshakeOver(handshake);
            } catch (ProtocolException e) {
                refuse(e);
            }
        }
    }

    private void startup(StartupPacket.Startup startup) throws ProtocolException {
        encryption.checkRequired();
        StartupRequest request = StartupRequest.of(startup);
        asked = request;
        // Operators get in when nobody else does.
        boolean own = sessions.ownDatabase(request.database()) != null;
        if (!own && sessions.memory().scarce()) {
            throw new ProtocolException(
                    SqlState.OUT_OF_MEMORY,
                    "out of memory for one more client: the buffers of those that are connected take more than max-client-memory (%d bytes); try again later"
                            .formatted(sessions.memory().max()));
        }
        admitted = !own && sessions.admit();
        if (!own && !admitted) {
            throw new ProtocolException(
                    SqlState.TOO_MANY_CONNECTIONS,
                    "sorry, too many clients already: max-client-conn is %d"
                            .formatted(sessions.config().limits().maxClientConn()));
        }
        if (request.negotiable()) {
            ByteBuf out = channel.alloc().directBuffer(64);
            Messages.negotiateProtocolVersion(out, request.protocol(), request.unknown());
            channel.write(out);
        }
        ClientLogin conversation =
                sessions.login(request.applicant(sessions.config(), channel, encryption.session()));
        login = conversation;
        work(conversation, conversation::start);
    }

    // ---- passwords ----

    /** Handles one password message; false if it has not arrived whole. */
    private boolean answer() throws ProtocolException {
        byte[] body = PasswordMessage.read(unread);
        if (body == null) {
            return false;
        }
        ClientLogin conversation = login;
        if (conversation != null) {
            work(conversation, () -> conversation.answer(body));
        }
        return true;
    }

    /** Runs one step of the conversation; where it may take its time, if it does. */
    private void work(ClientLogin conversation, Supplier<AuthStep> work) {
        if (!conversation.slow()) {
            say(work.get());
            return;
        }
        step = Step.WORKING;
        try {
            sessions.blocking()
                    .execute(() -> {
                        AuthStep next = work.get();
                        channel.eventLoop().execute(() -> worked(next));
                    });
        } catch (RejectedExecutionException e) {
            refuse(SqlState.ADMIN_SHUTDOWN, "Weir is shutting down.");
        }
    }

    private void worked(AuthStep next) {
        if (step == Step.WORKING) {
            say(next);
            proceed();
        }
    }

    private void say(AuthStep next) {
        if (next instanceof AuthStep.Request request) {
            step = Step.ANSWER;
            ByteBuf out = channel.alloc().directBuffer(64);
            Messages.authentication(out, request.code(), request.body());
            channel.writeAndFlush(out, channel.voidPromise());
        } else if (next instanceof AuthStep.Done done) {
            proven(done);
        } else if (next instanceof AuthStep.Refused refused) {
            failed(refused);
        }
    }

    private void proven(AuthStep.Done done) {
        StartupRequest request = Objects.requireNonNull(asked, "asked before it is proven");
        try {
            OwnDatabase own = sessions.ownDatabase(request.database());
            if (own == null) {
                enter(new Entrance(sessions, channel, request, done.credential(), readOnly), done);
            } else {
                openConsole(Entrance.console(own, channel, request.user()), done);
            }
        } catch (ProtocolException e) {
            refuse(e);
        }
    }

    private void enter(Entrance entrance, AuthStep.Done done) {
        tellFinal(done);
        handedOver = true;
        ClientSession session = entrance.session();
        channel.pipeline().replace(this, null, session.clientEnd());
        session.greet();
        passOn(session.clientEnd());
        if (!channel.isActive()) {
            session.leave();
        }
    }

    private void openConsole(ChannelInboundHandler console, AuthStep.Done done) {
        tellFinal(done);
        channel.pipeline().replace(this, null, console);
        passOn(console);
    }

    /** Says the last words of the conversation about passwords. */
    private void tellFinal(AuthStep.Done done) {
        byte[] saslFinal = done.saslFinal();
        if (saslFinal != null) {
            ByteBuf out = channel.alloc().directBuffer(64);
            Messages.authentication(out, 12, saslFinal);
            channel.write(out, channel.voidPromise());
        }
        finish();
        step = Step.OVER;
    }

    /** What the client has sent already is for whoever stands here now. */
    private void passOn(ChannelInboundHandler next) {
        ByteBuf rest = unread;
        unread = null;
        if (rest != null) {
            // To that one itself: what has been decrypted must not be so once more.
            ChannelHandlerContext its = channel.pipeline().context(next);
            try {
                next.channelRead(its, rest);
                next.channelReadComplete(its);
            } catch (Exception e) {
                its.fireExceptionCaught(e);
            }
        }
    }

    // ---- endings ----

    /** Counts a failed login, tells the operator, and in its time the client. */
    private void failed(AuthStep.Refused refused) {
        StartupRequest request = Objects.requireNonNull(asked, "asked before it is refused");
        Duration delay = LoginFailures.note(sessions.failedLogins(), channel, request, refused);
        if (delay.isZero()) {
            refuse(refused.state(), refused.message());
            return;
        }
        // No thread waits, and no client that can log in is kept out by those who cannot.
        step = Step.HELD_BACK;
        finish();
        leave();
        channel.eventLoop()
                .schedule(
                        () -> refuse(refused.state(), refused.message()),
                        delay.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /** Gives the place of one client free, once. */
    private void leave() {
        if (admitted && !handedOver) {
            admitted = false;
            sessions.departed();
        }
    }

    private void refuse(ProtocolException e) {
        refuse(e.sqlState(), String.valueOf(e.getMessage()));
    }

    private void refuse(SqlState state, String message) {
        refuse(state.code(), message);
    }

    private void refuse(String sqlState, String message) {
        if (step == Step.OVER) {
            return;
        }
        step = Step.OVER;
        finish();
        sessions.refusedLogins().add(sqlState);
        if (!encryption.canSpeak()) {
            // Nothing can be said before the end of the handshake, and it may never come.
            channel.close();
            return;
        }
        ByteBuf out = channel.alloc().directBuffer(256);
        Messages.error(out, "FATAL", sqlState, message, null);
        ClosingWrite.writeAndClose(channel, out);
    }

    private void finish() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        step = Step.OVER;
        finish();
        ByteBuf rest = unread;
        unread = null;
        if (rest != null) {
            rest.release();
        }
        leave();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        BrokenChannel.close(context, cause, "client connection");
    }
}
