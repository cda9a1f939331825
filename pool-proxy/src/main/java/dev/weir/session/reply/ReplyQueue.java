package dev.weir.session.reply;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * The replies that a lent server connection still owes, in order, each with what must be undone if
 * its message turns out not to have been executed. Confined to the client's loop.
 *
 * <p>A ring of constants: no object is made per message. It grows up to {@link #FULL}, at which the
 * client is not read on.
 */
public final class ReplyQueue {
    /** Entries at which no more of the client's messages are taken. */
    static final int FULL = 16_384;

    /**
     * Entries at which they are taken again. PostgreSQL holds back up to 8 kB of replies until a
     * Sync or Flush, 1,638 of the shortest: with a lower mark both sides could wait for each other.
     */
    static final int ROOM = FULL / 2;

    private static final int FIRST_SIZE = 8;

    private Reply[] replies = new Reply[FIRST_SIZE];
    private @Nullable Object[] details = new Object[FIRST_SIZE];
    private int first;
    private int size;
    private boolean full;

    /** Entries that end with ReadyForQuery: ever added, and of these how many have left again. */
    private long begun;

    private long ended;

    /** Whether nothing is owed. */
    public boolean isEmpty() {
        return size == 0;
    }

    /**
     * Whether no more of the client's messages are to be taken: from {@link #FULL} down to {@link
     * #ROOM}.
     */
    public boolean isFull() {
        full = size >= (full ? ROOM : FULL);
        return full;
    }

    /**
     * The number of the batch that is being sent: all up to the next Query or Sync, which succeeds
     * up to its first error and is skipped from there.
     */
    public long batch() {
        return begun;
    }

    /** Batches that have been answered to their end, or skipped. */
    public long endedBatches() {
        return ended;
    }

    /** Whether a batch before the present one, and up to that of this number, may still fail. */
    public boolean unsettled(long batch) {
        return batch < begun && batch >= ended;
    }

    /** Whether all batches before the present one have ended. */
    public boolean settled() {
        return begun == ended;
    }

    /** How many replies are owed. */
    public int size() {
        return size;
    }

    /** A message has been sent that is answered so. */
    public void add(Reply reply) {
        add(reply, null);
    }

    /**
     * A message has been sent that is answered so.
     *
     * @param detail what the answer settles; null if nothing
     */
    public void add(Reply reply, @Nullable Object detail) {
        if (size == replies.length) {
            grow();
        }
        int at = (first + size) & (replies.length - 1);
        replies[at] = reply;
        details[at] = detail;
        size++;
        if (reply.endsWithReady()) {
            begun++;
        }
    }

    /** What is owed next; null if nothing is. */
    public @Nullable Reply head() {
        return size == 0 ? null : replies[first];
    }

    /** What was stored with the head. */
    public @Nullable Object headDetail() {
        return details[first];
    }

    /** Takes the head out. */
    public void pop() {
        left(replies[first]);
        details[first] = null;
        first = (first + 1) & (replies.length - 1);
        size--;
        if (size == 0 && replies.length > 1024) {
            // A client that once pipelined a lot must not hold the memory for ever.
            replies = new Reply[FIRST_SIZE];
            details = new Object[FIRST_SIZE];
            first = 0;
        }
    }

    /** Whether the client waits for anything. */
    public boolean anyForClient() {
        for (int i = 0; i < size; i++) {
            if (at(i).forClient()) {
                return true;
            }
        }
        return false;
    }

    /** Nothing is owed any more, for nobody is there who could pay. */
    public void clear() {
        while (size > 0) {
            pop();
        }
    }

    /** The entry at {@code index} from the head, which is 0. */
    public Reply at(int index) {
        return replies[(first + index) & (replies.length - 1)];
    }

    /** What was stored with the entry at {@code index} from the head. */
    public @Nullable Object detailAt(int index) {
        return details[(first + index) & (replies.length - 1)];
    }

    /** Whether such a reply is owed. */
    public boolean contains(Reply reply) {
        for (int i = 0; i < size; i++) {
            if (at(i) == reply) {
                return true;
            }
        }
        return false;
    }

    /** Takes out the entry at {@code index} from the head. */
    void remove(int index) {
        int mask = replies.length - 1;
        left(at(index));
        for (int i = index; i < size - 1; i++) {
            int to = (first + i) & mask;
            int from = (first + i + 1) & mask;
            replies[to] = replies[from];
            details[to] = details[from];
        }
        details[(first + size - 1) & mask] = null;
        size--;
    }

    /** Hears of each entry that will never be answered. */
    public interface Undo {
        void undo(Reply reply, @Nullable Object detail);
    }

    /**
     * After an error in the extended protocol: drops what the server skips, all up to the next
     * Sync. The last is undone first, as each undo restores what stood there before its own
     * message.
     *
     * @return false if no Sync is queued, so that the client's further messages up to one are to be
     *     dropped too
     */
    public boolean dropUntilSync(Undo undo) {
        int end = 0;
        while (end < size && at(end) != Reply.SYNC && at(end) != Reply.OWN_SYNC) {
            end++;
        }
        for (int i = end - 1; i >= 0; i--) {
            int at = (first + i) & (replies.length - 1);
            undo.undo(replies[at], details[at]);
            left(replies[at]);
            details[at] = null;
        }
        first = (first + end) & (replies.length - 1);
        size -= end;
        return size > 0;
    }

    private void left(Reply reply) {
        if (reply.endsWithReady()) {
            ended++;
        }
    }

    private void grow() {
        int length = replies.length;
        Reply[] more = new Reply[length * 2];
        @Nullable Object[] moreDetails = new Object[length * 2];
        int tail = length - first;
        System.arraycopy(replies, first, more, 0, tail);
        System.arraycopy(replies, 0, more, tail, first);
        System.arraycopy(details, first, moreDetails, 0, tail);
        System.arraycopy(details, 0, moreDetails, tail, first);
        replies = more;
        details = moreDetails;
        first = 0;
    }

    @Override
    public String toString() {
        Reply[] list = new Reply[size];
        Arrays.setAll(list, this::at);
        return Arrays.toString(list);
    }
}
