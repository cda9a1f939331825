package dev.weir.session.state;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

import dev.weir.sql.Lexer;
import dev.weir.sql.TokenKind;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A client's texts, of whatever bytes: the quick look misses nothing that the thorough one finds.
 * Every build replays what is kept beside it; with JAZZER_FUZZ=1 in the environment it looks for
 * more.
 */
class EffectsFuzzTest {
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
