package dev.weir.admin;

import dev.weir.wire.Backend;
import dev.weir.wire.CancelKey;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.Messages;
import dev.weir.wire.ProtocolException;
import dev.weir.wire.SqlState;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.concurrent.RejectedExecutionException;

/**
 * One client of the console, which speaks PostgreSQL's protocol with nobody behind it: Query, and
 * of the extended protocol what drivers use. On the client's loop; commands run elsewhere, and one
 * after the other.
 */
final class ConsoleSession extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleSession.class);

    private static final int LONGEST_MESSAGE = 64 * 1024;

    private final Channel channel;
    private final Console console;
    private final String user;
    private final ExtendedQuery extended;
    private @Nullable ByteBuf unread;

    /** A command runs; what follows has to wait. */
    private boolean working;

    /** An error has been told, and all up to the next Sync is passed over. */
    private boolean skipping;

    /** BEGIN has been said. It means nothing here, but drivers look. */
    private byte status = Backend.IDLE;

    /** Work that may take its time, and appends what it has to say. */
    private interface Work {
        void run(ByteBuf out) throws ConsoleException;
    }

    ConsoleSession(Channel channel, Console console, String user) {
        this.channel = channel;
        this.console = console;
        this.user = user;
        this.extended = new ExtendedQuery(console, user);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ByteBuf out = channel.alloc().directBuffer(512);
        Messages.authentication(out, 0, new byte[0]);
        console.parameters().forEach((name, value) -> Messages.parameterStatus(out, name, value));
        Messages.backendKeyData(out, new CancelKey(0, new byte[Integer.BYTES]));
        Messages.readyForQuery(out, Backend.IDLE);
        channel.writeAndFlush(out, channel.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf bytes)) {
            ReferenceCountUtil.release(message);
            return;
        }
        ByteBuf before = unread;
        if (before == null) {
            unread = bytes;
        } else {
            before.writeBytes(bytes);
            bytes.release();
        }
        proceed();
    }

    private void proceed() {
        ByteBuf in = unread;
        try {
            while (in != null && !working && message(in)) {
                // The next one.
            }
        } catch (ProtocolException e) {
            farewell(e.sqlState(), String.valueOf(e.getMessage()));
            return;
        }
        if (in != null && !in.isReadable()) {
            in.release();
            unread = null;
            in = null;
        } else if (in != null) {
            in.discardSomeReadBytes();
        }
        // Who types on while a command runs has the kernel hold the rest.
        boolean full = working && in != null && in.readableBytes() > LONGEST_MESSAGE;
        if (channel.config().isAutoRead() == full) {
            channel.config().setAutoRead(!full);
        }
    }

    /** Handles one message; false if it has not arrived whole. */
    private boolean message(ByteBuf in) throws ProtocolException {
        if (in.readableBytes() < FrontendMessage.HEADER) {
            return false;
        }
        FrontendMessage type = FrontendMessage.of(in.getByte(in.readerIndex()));
        int length = in.getInt(in.readerIndex() + 1);
        if (type == null || type == FrontendMessage.PASSWORD) {
            throw new ProtocolException("invalid frontend message type for the console");
        }
        if (!type.allows(length, LONGEST_MESSAGE)) {
            throw new ProtocolException("invalid message length for the console");
        }
        if (in.readableBytes() < length + 1) {
            return false;
        }
        in.skipBytes(FrontendMessage.HEADER);
        ByteBuf body = in.readSlice(length - FrontendMessage.LENGTH_FIELD);
        if (type == FrontendMessage.TERMINATE) {
            channel.close();
            return false;
        }
        if (skipping && type != FrontendMessage.SYNC) {
            return true;
        }
        switch (type) {
            case QUERY -> query(ConsoleText.cstring(body));
            case PARSE -> step(out -> extended.parse(body, out));
            case BIND -> step(out -> extended.bind(body, out));
            case DESCRIBE -> step(out -> extended.describe(body, out));
            case CLOSE -> step(out -> extended.close(body, out));
            case EXECUTE -> execute(ConsoleText.cstring(body), body.readInt());
            case SYNC -> {
                skipping = false;
                say(out -> Messages.readyForQuery(out, status));
            }
            case FLUSH, COPY_DATA, COPY_DONE, COPY_FAIL -> {}
            case FUNCTION_CALL ->
                    say(out -> {
                        refuse(out, ConsoleException.notHere("function calls"));
                        Messages.readyForQuery(out, status);
                    });
            case PASSWORD, TERMINATE -> throw new IllegalStateException(type + " is handled above");
        }
        return true;
    }

    // ---- simple protocol ----

    private void query(String text) {
        work(
                out -> {
                    List<List<ConsoleText.Word>> statements = ConsoleText.statements(text);
                    if (statements.isEmpty()) {
                        Messages.bare(out, Backend.EMPTY_QUERY_RESPONSE);
                    }
                    for (List<ConsoleText.Word> statement : statements) {
                        Answer answer = run(statement);
                        List<Column> columns = console.columns(statement);
                        List<Row> rows = answer.rows();
                        if (rows != null && columns != null) {
                            ConsoleWriter.rowDescription(out, columns, new short[0]);
                            rows(out, columns, rows, new short[0]);
                        }
                        complete(out, answer);
                    }
                },
                true);
    }

    private Answer run(List<ConsoleText.Word> statement) throws ConsoleException {
        return console.run(user, statement, () -> !channel.isActive());
    }

    private static void rows(ByteBuf out, List<Column> columns, List<Row> rows, short[] formats) {
        rows.forEach(row -> ConsoleWriter.dataRow(out, columns, row, formats));
    }

    private void complete(ByteBuf out, Answer answer) {
        if (answer.notice() != null) {
            Messages.notice(out, "NOTICE", answer.notice());
        }
        status =
                switch (answer.tag()) {
                    case "BEGIN" -> Backend.IN_TRANSACTION;
                    case "COMMIT", "ROLLBACK" -> Backend.IDLE;
                    default -> status;
                };
        Messages.commandComplete(out, answer.tag());
    }

    // ---- extended protocol ----

    private interface Step {
        void run(ByteBuf out) throws ConsoleException, ProtocolException;
    }

    private void step(Step step) throws ProtocolException {
        ByteBuf out = channel.alloc().directBuffer(256);
        try {
            step.run(out);
        } catch (ConsoleException e) {
            skipping = true;
            refuse(out, e);
        } catch (ProtocolException e) {
            out.release();
            throw e;
        } catch (IndexOutOfBoundsException e) {
            out.release();
            throw new ProtocolException("a message that is shorter than it says");
        }
        channel.writeAndFlush(out, channel.voidPromise());
    }

    private void execute(String name, int most) {
        work(
                out -> {
                    Portal portal = extended.portal(name);
                    if (portal.statement().isEmpty()) {
                        Messages.bare(out, Backend.EMPTY_QUERY_RESPONSE);
                        return;
                    }
                    Answer answer = portal.answer();
                    if (answer == null) {
                        answer = run(portal.statement());
                        portal.answered(answer);
                    }
                    List<Column> columns = console.columns(portal.statement());
                    List<Row> all = answer.rows();
                    if (all != null && columns != null) {
                        rows(out, columns, portal.next(all, most), portal.formats());
                        if (portal.hasMore(all)) {
                            Messages.bare(out, Backend.PORTAL_SUSPENDED);
                            return;
                        }
                    }
                    complete(out, answer);
                },
                false);
    }

    // ---- work and words ----

    /**
     * @param alone whether ReadyForQuery follows, else after an error all up to Sync is skipped
     */
    private void work(Work work, boolean alone) {
        working = true;
        ByteBuf out = channel.alloc().directBuffer(1024);
        try {
            console.blocking()
                    .execute(() -> {
                        boolean failed = carryOut(work, out);
                        if (alone) {
                            Messages.readyForQuery(out, status);
                        }
                        channel.eventLoop().execute(() -> worked(out, failed && !alone));
                    });
        } catch (RejectedExecutionException e) {
            out.release();
            farewell(SqlState.ADMIN_SHUTDOWN, "Weir is shutting down.");
        }
    }

    private static boolean carryOut(Work work, ByteBuf out) {
        try {
            work.run(out);
            return false;
        } catch (ConsoleException e) {
            refuse(out, e);
        } catch (RuntimeException e) {
            LOG.error("a command of the console has failed", e);
            refuse(
                    out,
                    new ConsoleException(
                            SqlState.INTERNAL_ERROR,
                            "this is a mistake in Weir; its log tells more"));
        }
        return true;
    }

    private void worked(ByteBuf out, boolean skip) {
        working = false;
        skipping |= skip;
        channel.writeAndFlush(out, channel.voidPromise());
        proceed();
    }

    private static void refuse(ByteBuf out, ConsoleException e) {
        Messages.error(out, "ERROR", e.state().code(), e.sentence(), e.hint());
    }

    private void say(java.util.function.Consumer<ByteBuf> words) {
        ByteBuf out = channel.alloc().directBuffer(64);
        words.accept(out);
        channel.writeAndFlush(out, channel.voidPromise());
    }

    private void farewell(SqlState state, String message) {
        farewell(state.code(), message);
    }

    private void farewell(String sqlState, String message) {
        working = true;
        ByteBuf out = channel.alloc().directBuffer(256);
        Messages.error(out, "FATAL", sqlState, message, null);
        channel.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        working = true;
        console.left();
        ByteBuf rest = unread;
        unread = null;
        if (rest != null) {
            rest.release();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
