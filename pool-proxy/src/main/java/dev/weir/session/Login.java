package dev.weir.session;

import dev.weir.auth.Applicant;
import dev.weir.auth.AuthStep;
import dev.weir.auth.ClientLogin;
import dev.weir.auth.FailedLogins;
import dev.weir.config.DatabaseConfig;
import dev.weir.net.BrokenChannel;
import dev.weir.net.ClientAddress;
import dev.weir.net.EventLoops;
import dev.weir.net.TlsSession;
import dev.weir.server.SessionState;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A client from its first byte to the end of its login (manual section 54.2.1), after which a
 * {@link ClientSession} takes its place. On the client's loop, but for the derivation of keys.
 */
final class Login extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Login.class);

    /** The first byte of a TLS handshake, which no packet of PostgreSQL's begins with. */
    private static final byte TLS_HANDSHAKE = 0x16;

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
    private final @Nullable ScheduledFuture<?> deadline;
    private Step step = Step.REQUEST;
    private @Nullable ByteBuf unread;
    private @Nullable TlsSession tls;
    private boolean sslAsked;
    private boolean gssAsked;
    private boolean admitted;
    private boolean handedOver;
    private int protocol = StartupPacket.PROTOCOL_3_0;
    private String user = "";
    private String database = "";
    private SessionState settings = SessionState.DEFAULTS;
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
            refuse(e.sqlState(), String.valueOf(e.getMessage()));
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
        if (in.getByte(in.readerIndex()) == TLS_HANDSHAKE && opens() && offersTls()) {
            beginTlsWith(in);
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
            boolean secure = offersTls();
            sslAsked = once(sslAsked, in, secure ? 'S' : 'N');
            if (secure) {
                tls = sessions.tls().begin(channel);
            }
        } else if (packet instanceof StartupPacket.GssEncRequest) {
            gssAsked = once(gssAsked, in, 'N');
        } else if (packet instanceof StartupPacket.Cancel cancel) {
            step = Step.OVER;
            finish();
            // Protocol: there is no answer; the client takes the end of the connection for one.
            sessions.cancel(cancel.key(), channel::close);
        }
        return true;
    }

    /** As in PostgreSQL, nothing is encrypted that stays on this host. */
    private boolean offersTls() {
        return sessions.tls().offered() && !EventLoops.isLocal(channel);
    }

    /** Whether nothing has been said yet. */
    private boolean opens() {
        return tls == null && !sslAsked && !gssAsked;
    }

    /**
     * Protocol: a client may begin with TLS at once, if it names its protocol (section 54.2.10).
     */
    private void beginTlsWith(ByteBuf hello) {
        unread = null;
        tls = sessions.tls().begin(channel);
        channel.pipeline().fireChannelRead(hello);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        TlsSession session = tls;
        if (!(event instanceof SslHandshakeCompletionEvent handshake) || session == null) {
            return;
        }
        if (!handshake.isSuccess()) {
            LOG.info(
                    "client at {}: no TLS session: {}",
                    ClientAddress.text(channel),
                    handshake.cause().getMessage());
            context.close();
        } else if (!sslAsked && !session.isForPostgresql()) {
            refuse(
                    SqlState.PROTOCOL_VIOLATION,
                    "received direct SSL connection request without ALPN protocol negotiation extension");
        }
    }

    /** Answers a request for encryption. */
    private boolean once(boolean asked, ByteBuf in, char answer) throws ProtocolException {
        if (asked || tls != null) {
            throw new ProtocolException("encryption was requested twice");
        }
        if (in.isReadable()) {
            throw new ProtocolException("received unencrypted data after a request for encryption");
        }
        channel.writeAndFlush(channel.alloc().directBuffer(1).writeByte(answer));
        return true;
    }

    private void startup(StartupPacket.Startup startup) throws ProtocolException {
        if (tls == null && sessions.tls().required() && !EventLoops.isLocal(channel)) {
            throw new ProtocolException(
                    SqlState.INVALID_AUTHORIZATION_SPECIFICATION,
                    "This port is for TLS only (client-tls-sslmode): connect with sslmode=require or a stricter one.");
        }
        protocol = startup.spoken();
        Map<String, String> parameters = startup.parameters();
        user = parameters.getOrDefault("user", "");
        if (user.isEmpty()) {
            throw new ProtocolException(
                    SqlState.INVALID_AUTHORIZATION_SPECIFICATION,
                    "no PostgreSQL user name specified in startup packet");
        }
        String wanted = parameters.getOrDefault("database", "");
        database = wanted.isEmpty() ? user : wanted;
        settings = StartupSettings.read(parameters);
        // Operators get in when nobody else does.
        boolean own = sessions.ownDatabase(database) != null;
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
        List<String> unknown =
                parameters.keySet().stream()
                        .filter(name -> name.startsWith(StartupSettings.EXTENSION_PREFIX))
                        .toList();
        if (startup.spoken() != startup.version() || !unknown.isEmpty()) {
            ByteBuf out = channel.alloc().directBuffer(64);
            Messages.negotiateProtocolVersion(out, startup.spoken(), unknown);
            channel.write(out);
        }
        ClientLogin conversation = sessions.login(applicant());
        login = conversation;
        work(conversation, conversation::start);
    }

    private Applicant applicant() {
        TlsSession session = tls;
        return new Applicant(
                user,
                database,
                sessions.config().database(database),
                ClientAddress.of(channel),
                session != null,
                session == null ? null : session.commonName(),
                session == null ? null : session.endPoint());
    }

    // ---- passwords ----

    /** Handles one password message; false if it has not arrived whole. */
    private boolean answer() throws ProtocolException {
        ByteBuf in = unread;
        if (in == null || in.readableBytes() < FrontendMessage.HEADER) {
            return false;
        }
        int start = in.readerIndex();
        byte type = in.getByte(start);
        int length = in.getInt(start + 1);
        if (type != FrontendMessage.PASSWORD.code()) {
            throw new ProtocolException(
                    "expected password response, got message type %d".formatted(type & 0xff));
        }
        if (!FrontendMessage.PASSWORD.allows(length, Integer.MAX_VALUE)) {
            throw new ProtocolException("invalid password packet size");
        }
        if (in.readableBytes() < length + 1) {
            return false;
        }
        byte[] body = new byte[length - FrontendMessage.LENGTH_FIELD];
        in.skipBytes(FrontendMessage.HEADER).readBytes(body);
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
        OwnDatabase own = sessions.ownDatabase(database);
        if (own != null) {
            openOwn(own, done);
            return;
        }
        DatabaseConfig known = sessions.config().database(database);
        if (known == null) {
            refuse(
                    SqlState.INVALID_CATALOG_NAME,
                    "database \"%s\" does not exist: it is not among the databases of Weir's configuration"
                            .formatted(database));
            return;
        }
        if (sessions.disabled(database)) {
            refuse(
                    SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                    "database \"%s\" takes no new clients: DISABLE was ordered on the console of Weir"
                            .formatted(database));
            return;
        }
        Routed routed;
        ClientCounts.Admission admission;
        try {
            if (known.routed()) {
                RouteSettings.check(settings.settings());
            }
            routed = sessions.routed(known, user, done.credential(), readOnly);
            if (routed != null && routed.readOnly() != null) {
                settings = settings.with(ReadOnly.SETTING, ReadOnly.ON);
            }
            admission = sessions.admit(known, user);
        } catch (ProtocolException e) {
            refuse(e.sqlState(), String.valueOf(e.getMessage()));
            return;
        }
        tellFinal(done);
        handedOver = true;
        ClientSession session =
                new ClientSession(
                        sessions.nextId(),
                        channel,
                        sessions.loopNumber(channel.eventLoop()),
                        sessions.shared(),
                        sessions.pool(known, user, done.credential()),
                        settings,
                        protocol,
                        sessions.transactions(known, user, ClientAddress.of(channel)),
                        routed,
                        () -> {
                            admission.leave();
                            sessions.departed();
                        });
        channel.pipeline().replace(this, null, session);
        session.greet();
        passOn(session);
        if (!channel.isActive()) {
            session.channelInactive();
        }
    }

    private void openOwn(OwnDatabase own, AuthStep.Done done) {
        ChannelInboundHandler console = own.open(channel, user);
        if (console == null) {
            refuse(
                    SqlState.INSUFFICIENT_PRIVILEGE,
                    "user \"%s\" may not use the console: it is neither in admin-users nor in stats-users"
                            .formatted(user));
            return;
        }
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
        if (refused.state() == SqlState.CANNOT_CONNECT_NOW) {
            // Not the client's fault.
            LOG.warn(
                    "login of user \"{}\" to database \"{}\" from {}: {}",
                    user,
                    database,
                    ClientAddress.text(channel),
                    refused.reason());
            refuse(refused.state(), refused.message());
            return;
        }
        FailedLogins.Failure failure = sessions.failedLogins().count(ClientAddress.of(channel));
        if (failure.worthTelling()) {
            LOG.info(
                    "login of user \"{}\" to database \"{}\" from {} failed ({} in a row): {}",
                    user,
                    database,
                    ClientAddress.text(channel),
                    failure.inARow(),
                    refused.reason());
        }
        if (failure.delay().isZero()) {
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
                        failure.delay().toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /** Gives the place of one client free, once. */
    private void leave() {
        if (admitted && !handedOver) {
            admitted = false;
            sessions.departed();
        }
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
        if (tls != null && !tls.established()) {
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
