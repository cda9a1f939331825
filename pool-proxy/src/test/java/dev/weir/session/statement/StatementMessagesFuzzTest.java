package dev.weir.session.statement;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

import dev.weir.wire.FrontendMessage;
import dev.weir.wire.ProtocolException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * A client's messages, of whatever bytes and cut anywhere: what Weir reads of them stays within
 * what has arrived. Every build replays what is kept beside it; with JAZZER_FUZZ=1 in the
 * environment it looks for more.
 */
class StatementMessagesFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void namesAreFoundWithinWhatHasArrived(FuzzedDataProvider data) {
        int cut = data.consumeInt(0, 64);
        boolean translate = data.consumeBoolean();
        ByteBuf in = Unpooled.wrappedBuffer(data.consumeRemainingAsBytes());
        StatementMessages messages = new StatementMessages(translate, 1 << 10);
        int at = 0;
        int end = Math.max(0, in.writerIndex() - cut);
        while (end - at >= FrontendMessage.HEADER) {
            FrontendMessage type = FrontendMessage.of(in.getByte(at));
            int length = in.getInt(at + 1);
            if (type == null || !type.allows(length, 1 << 20)) {
                return;
            }
            long total = length + 1L;
            try {
                if (!messages.complete(in, at, end, type, total)) {
                    check(messages.needed() > end - at, "waits for what is there");
                    return;
                }
            } catch (ProtocolException refused) {
                return;
            }
            int nameAt = messages.nameAt(in, at, end, type, total);
            check(nameAt < Math.min(end, at + total), "a name behind the message");
            int nameEnd = StatementMessages.terminator(in, nameAt, at, end, total);
            check(nameEnd < Math.min(end, at + total), "a name that ends behind the message");
            at = (int) Math.min(end, at + total);
        }
    }

    private static void check(boolean right, String wrong) {
        if (!right) {
            throw new AssertionError(wrong);
        }
    }
}
