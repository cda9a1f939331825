package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;

import org.junit.jupiter.api.Test;

import java.time.Instant;

/** What a line of the log looks like. */
class ConsoleLogTest {
    @Test
    void aLineHasTimeLevelAndText() {
        assertThat(line(Level.INFO, "2026-03-01T09:05:00.007Z", "listening on {}", 6432))
                .isEqualTo("2026-03-01T09:05:00.007Z INFO  listening on 6432" + end());
        assertThat(line(Level.ERROR, "2026-03-01T23:59:59.999Z", "no"))
                .isEqualTo("2026-03-01T23:59:59.999Z ERROR no" + end());
    }

    @Test
    void whatAClientSendsCannotMakeALineOfItsOwn() {
        assertThat(line(Level.WARN, "2026-03-01T00:00:00Z", "user {}", "a\n2026 INFO b\u001b[2J"))
                .isEqualTo("2026-03-01T00:00:00.000Z WARN  user a\\x0a2026 INFO b\\x1b[2J" + end());
    }

    @Test
    void aStackTraceFollowsItsLine() {
        LoggingEvent event = event(Level.ERROR, "2026-03-01T00:00:00Z", "failed");
        event.setThrowableProxy(
                new ch.qos.logback.classic.spi.ThrowableProxy(new IllegalStateException("why")));

        assertThat(ConsoleLog.line(event))
                .startsWith("2026-03-01T00:00:00.000Z ERROR failed" + end())
                .contains("java.lang.IllegalStateException: why", "ConsoleLogTest");
    }

    private static String line(Level level, String time, String text, Object... arguments) {
        return ConsoleLog.line(event(level, time, text, arguments));
    }

    private static LoggingEvent event(Level level, String time, String text, Object... arguments) {
        LoggingEvent event =
                new LoggingEvent(
                        "", new LoggerContext().getLogger("test"), level, text, null, arguments);
        event.setInstant(Instant.parse(time));
        return event;
    }

    private static String end() {
        return System.lineSeparator();
    }
}
