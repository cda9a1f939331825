package dev.weir.session;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

import dev.weir.sql.Lexer;
import dev.weir.sql.TokenKind;
import dev.weir.wire.FrontendMessage;
import dev.weir.wire.ProtocolException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A client's messages, of whatever bytes and cut anywhere: what Weir reads of them stays within
 * what has arrived. Every build replays what is kept beside it; with JAZZER_FUZZ=1 in the
 * environment it looks for more.
 */
class MessageFuzzTest {
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

    @FuzzTest(maxDuration = "10m")
    void anyTextIsLookedAtWithoutHarm(FuzzedDataProvider data) {
        boolean plainBackslash = data.consumeBoolean();
        byte[] text = data.consumeRemainingAsBytes();
        ByteBuf in = Unpooled.wrappedBuffer(text);
        int quick = Effects.of(in, 0, text.length, plainBackslash, new CustomSettings());
        int thorough = Effects.of(text, plainBackslash, new CustomSettings());
        if (quick == Effects.NONE && !broken(text)) {
            // A look at the bytes alone must not miss what reading them finds; what is no SQL at
            // all is refused by PostgreSQL, and does nothing.
            check((thorough & Effects.CAPTURED) == 0, "the quick look misses " + thorough);
        }
        Set<String> channels = new LinkedHashSet<>();
        byte[] rewritten = ChannelNames.rewrite(text, channels);
        if (rewritten != null) {
            check(ChannelNames.mayOccur(in, 0, text.length), "a LISTEN that is not looked for");
            Set<String> again = new LinkedHashSet<>();
            check(ChannelNames.rewrite(rewritten, again) == null, "rewritten twice");
            check(again.equals(channels), "other channels the second time");
        }
    }

    private static boolean broken(byte[] text) {
        Lexer lexer = new Lexer(text);
        while (lexer.next() != TokenKind.END) {
            if (lexer.kind() == TokenKind.BROKEN) {
                return true;
            }
        }
        return false;
    }

    private static void check(boolean right, String wrong) {
        if (!right) {
            throw new AssertionError(wrong);
        }
    }
}
