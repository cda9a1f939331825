package dev.weir.session;

import dev.weir.pool.Pool;
import dev.weir.wire.Messages;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/**
 * What goes to one client: what Weir says by itself, always between two messages, and when all of
 * it is flushed. Confined to the client's loop.
 */
final class ClientOutput {
    private final Channel channel;

    /** Counts the errors that are told. */
    private final Pool pool;

    private boolean pending;

    ClientOutput(Channel channel, Pool pool) {
        this.channel = channel;
        this.pool = pool;
    }

    /**
     * Something may have been written that waits to be flushed.
     *
     * @param wrote whether it has
     */
    void wrote(boolean wrote) {
        pending |= wrote;
    }

    void flush() {
        if (pending) {
            pending = false;
            channel.flush();
        }
    }

    /** Says a message that has no body. */
    void bare(byte type) {
        ByteBuf out = channel.alloc().directBuffer(8);
        Messages.bare(out, type);
        write(out);
    }

    /** Says a whole message. */
    void message(byte[] message) {
        write(channel.alloc().directBuffer(message.length).writeBytes(message));
    }

    /** Says that a statement has been carried out. */
    void completed(String tag) {
        ByteBuf out = channel.alloc().directBuffer(32);
        Messages.commandComplete(out, tag);
        write(out);
    }

    void ready(byte status) {
        ByteBuf out = channel.alloc().directBuffer(8);
        Messages.readyForQuery(out, status);
        write(out);
    }

    /** Reports an error of Weir's, in the order of the replies: nothing else is owed. */
    void error(String sqlState, String message) {
        told(sqlState);
        ByteBuf out = channel.alloc().directBuffer(256);
        Messages.error(out, "ERROR", sqlState, message, null);
        write(out);
    }

    /** The client is told an error, by whomever. */
    void told(String sqlState) {
        pool.counters().errors().add(sqlState);
    }

    /** Says at once what nobody has asked for. */
    void notice(String message) {
        ByteBuf out = channel.alloc().directBuffer(256);
        Messages.notice(out, "NOTICE", message);
        channel.writeAndFlush(out, channel.voidPromise());
    }

    /** Says a FATAL error, and closes. */
    void lastWords(String sqlState, String message) {
        told(sqlState);
        ByteBuf out = channel.alloc().directBuffer(256);
        Messages.error(out, "FATAL", sqlState, message, null);
        ClosingWrite.writeAndClose(channel, out);
    }

    /** Closes, behind all that has been written. */
    void close() {
        pending = false;
        ClosingWrite.close(channel);
    }

    private void write(ByteBuf out) {
        channel.write(out, channel.voidPromise());
        pending = true;
    }
}
