package dev.weir.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Packets without a type byte, of whatever bytes: read, or refused as against the protocol. Every
 * build replays what is kept beside it; with JAZZER_FUZZ=1 in the environment it looks for more.
 */
class StartupPacketFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void whateverComesFirstIsReadOrRefused(byte[] bytes) {
        ByteBuf packet = Unpooled.wrappedBuffer(bytes);
        try {
            StartupPacket.checkLength(bytes.length + Integer.BYTES);
            StartupPacket read = StartupPacket.read(packet);
            if (read instanceof StartupPacket.Startup startup
                    && startup.parameters().containsKey("")) {
                throw new AssertionError("a parameter without a name was taken");
            }
        } catch (ProtocolException refused) {
            if (refused.sqlState().length() != 5) {
                throw new AssertionError("a refusal without a state", refused);
            }
        }
    }
}
