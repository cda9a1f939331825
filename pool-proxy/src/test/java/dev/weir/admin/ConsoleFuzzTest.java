package dev.weir.admin;

import com.code_intelligence.jazzer.junit.FuzzTest;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Whatever may be typed at the console: taken apart, or refused with an SQLSTATE. Every build
 * replays what is kept beside it; with JAZZER_FUZZ=1 in the environment it looks for more.
 */
class ConsoleFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void anythingCanBeTyped(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        try {
            for (List<ConsoleText.Word> statement : ConsoleText.statements(text)) {
                if (statement.isEmpty()) {
                    throw new AssertionError("a statement without a word");
                }
            }
        } catch (ConsoleException refused) {
            if (refused.getMessage() == null) {
                throw new AssertionError("a refusal without a word", refused);
            }
        }
    }
}
