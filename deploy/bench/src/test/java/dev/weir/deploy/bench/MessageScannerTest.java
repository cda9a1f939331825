package dev.weir.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

class MessageScannerTest {
    private static byte[] message(char type, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(5 + bytes.length)
                .put((byte) type)
                .putInt(4 + bytes.length)
                .put(bytes)
                .array();
    }

    private static byte[] stream() {
        byte[] row = message('D', "0123456789");
        byte[] empty = message('1', "");
        byte[] done = message('C', "SELECT 1\0");
        return ByteBuffer.allocate(row.length + empty.length + done.length)
                .put(row)
                .put(empty)
                .put(done)
                .array();
    }

    @Test
    void messagesAreFoundWhereverTheStreamIsCut() throws IOException {
        byte[] stream = stream();
        for (int cut = 1; cut <= stream.length; cut++) {
            List<String> seen = new ArrayList<>();
            MessageScanner scanner = new MessageScanner();
            for (int from = 0; from < stream.length; from += cut) {
                scanner.feed(
                        ByteBuffer.wrap(stream, from, Math.min(cut, stream.length - from)),
                        (type, size, head) ->
                                seen.add(
                                        type
                                                + ":"
                                                + size
                                                + ":"
                                                + new String(head, StandardCharsets.UTF_8)));
            }
            assertThat(seen).containsExactly("D:10:", "1:0:", "C:9:SELECT 1\0");
        }
    }

    @Test
    void ofALongMessageOnlyTheBeginningIsKept() throws IOException {
        List<Integer> kept = new ArrayList<>();
        new MessageScanner()
                .feed(
                        ByteBuffer.wrap(message('N', "x".repeat(5000))),
                        (type, size, head) -> kept.add(head.length));
        assertThat(kept).containsExactly(1024);
    }

    @Test
    void aLengthBelowFourIsRefused() {
        ByteBuffer bad = ByteBuffer.allocate(5).put((byte) 'Z').putInt(3).flip();
        assertThatThrownBy(() -> new MessageScanner().feed(bad, (type, size, head) -> {}))
                .isInstanceOf(IOException.class);
    }

    @Test
    void anErrorIsToldByItsCodeAndMessage() {
        byte[] fields = "SFATAL\0C53300\0Mtoo many\0\0".getBytes(StandardCharsets.UTF_8);
        assertThat(MessageScanner.errorText(fields)).isEqualTo("53300 too many");
    }
}
