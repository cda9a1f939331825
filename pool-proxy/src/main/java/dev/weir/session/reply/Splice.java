package dev.weir.session.reply;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

import org.jspecify.annotations.Nullable;

/**
 * Passes one read buffer on to the other side: whole if nothing in it is changed, else in spans,
 * with what is left out and what is put in between. Confined to one loop; one object serves all
 * buffers of a direction.
 */
public final class Splice {
    /** Up to here a copy is cheaper than one more buffer in a gathering write. */
    private static final int COPY_LIMIT = 4096;

    private final Channel client;
    private @Nullable Channel target;
    private @Nullable ByteBuf source;
    private @Nullable ByteBuf own;
    private int spanStart;
    private boolean untouched;
    private boolean wrote;

    /** A splice whose buffers come from {@code client}'s allocator. */
    public Splice(Channel client) {
        this.client = client;
    }

    /**
     * Starts on {@code bytes}, which it owns until {@link #end}; nothing is passed on while {@code
     * to} is null.
     */
    public void begin(ByteBuf bytes, @Nullable Channel to) {
        source = bytes;
        spanStart = bytes.readerIndex();
        untouched = true;
        target = to;
        wrote = false;
    }

    /**
     * From here, {@code index} on, bytes go to {@code to}; what stands before and was not passed on
     * is left out.
     */
    public void redirect(@Nullable Channel to, int index) {
        flushOwn();
        target = to;
        untouched = untouched && index == spanStart;
        spanStart = index;
    }

    /** Leaves out {@code from} to {@code to}; passes on what stands before. */
    public void leaveOut(int from, int to) {
        emit(from);
        spanStart = to;
        untouched = false;
    }

    /** Where Weir's own bytes go that are to stand at {@code index} of the source. */
    public ByteBuf insertAt(int index) {
        emit(index);
        spanStart = index;
        untouched = false;
        return own();
    }

    /**
     * Passes on all up to {@code index} and lets the source go.
     *
     * @return whether anything was written
     */
    public boolean end(int index) {
        ByteBuf bytes = source;
        Channel to = target;
        if (bytes == null) {
            return wrote;
        }
        source = null;
        if (to != null && untouched && index == bytes.writerIndex() && index > spanStart) {
            to.write(bytes, to.voidPromise());
            target = null;
            return true;
        }
        source = bytes;
        emit(index);
        flushOwn();
        source = null;
        target = null;
        bytes.release();
        return wrote;
    }

    /** Gives the source back untouched; nothing of it was passed on. */
    public void abandon() {
        source = null;
        target = null;
    }

    private void emit(int index) {
        int length = index - spanStart;
        Channel to = target;
        ByteBuf bytes = source;
        if (length <= 0 || to == null || bytes == null) {
            return;
        }
        if (length <= COPY_LIMIT) {
            own().writeBytes(bytes, spanStart, length);
        } else {
            flushOwn();
            to.write(bytes.retainedSlice(spanStart, length), to.voidPromise());
            wrote = true;
        }
    }

    private ByteBuf own() {
        ByteBuf buffer = own;
        if (buffer == null) {
            buffer = client.alloc().directBuffer(COPY_LIMIT / 4);
            own = buffer;
        }
        return buffer;
    }

    private void flushOwn() {
        ByteBuf buffer = own;
        Channel to = target;
        if (buffer == null) {
            return;
        }
        own = null;
        if (to == null) {
            buffer.release();
        } else {
            to.write(buffer, to.voidPromise());
            wrote = true;
        }
    }
}
